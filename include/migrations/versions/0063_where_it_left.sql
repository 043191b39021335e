-- An erasure leaves a nameless place: the same row, of nobody, without its station unless something was handed out there.
create or replace function row_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if (new.facts ->> 'erased') = 'true'
        and (new.station = '' or (new.station = old.station and new.selected
                                  and public.what_stands(new.list_id, new.row_id) in ('full', 'part')))
        and (new.list_id, new.row_id, new.selected, new.reason, new.county, new.partner)
        is not distinct from (old.list_id, old.row_id, old.selected, old.reason, old.county, old.partner)
        and not exists (select from public.record_person p
                        where p.person_id = new.person_id or p.record_id = new.record_id) then
        return new;
    end if;
    if exists (select from public.target_list l where l.list_id in (old.list_id, new.list_id)
               and l.state in ('locked', 'released', 'receipts_open', 'closed', 'void')) then
        raise exception 'list % is locked; its rows stay', old.list_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
