-- As before, but what a host apart sealed is of the moment at which it was marked: then its event lasted, and its sign-in held.
create or replace function handout_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (
        select from said s
        join public.handout_event e on e.event_id = s.event_id
        join public.target_list l on l.list_id = e.list_id
        left join public.handout_sealed h on h.sealed_id = s.sealed_id
        where least(e.ended_at, e.ends_at) <= coalesce(h.happened_at - interval '1 microsecond', clock_timestamp())
        or l.state not in ('locked', 'released', 'receipts_open')) then
        raise exception 'the event is over' using errcode = 'check_violation';
    end if;
    if exists (
        select from said s join public.handout_event e on e.event_id = s.event_id
        where not exists (
            select from public.handout_pass p left join public.handout_sealed h on h.sealed_id = s.sealed_id
            where p.pass_id = s.pass_id and p.event_id = s.event_id and p.apart = (s.sealed_id is not null)
            and case when p.apart then h.pass_id = p.pass_id and h.event_id = p.event_id
                                       and h.happened_at <= coalesce(p.ended_at, 'infinity')
                     else p.ended_at is null and p.session_hash is not null end)
        or (s.row_id is not null and not exists (
            select from public.target_row t join public.handout_pass p on p.pass_id = s.pass_id
            where t.list_id = e.list_id and t.row_id = s.row_id and t.selected and t.county = e.county
            and (p.partner is null or (t.partner = p.partner and t.station = p.station))))) then
        raise exception 'an entry is of a row of its event, by who is signed in for it' using errcode = 'check_violation';
    end if;
    perform from public.handout_event e where e.event_id in (select event_id from said) for update;
    if exists (
        select from public.handout_event e where e.event_id in (select event_id from said)
        and e.reserve < (select count(*) from public.handout_entry h where h.event_id = e.event_id and h.row_id is null)) then
        raise exception 'the reserve is empty' using errcode = 'check_violation';
    end if;
    return null;
end $$;

create trigger handout_sealed_stays before update or delete on handout_sealed for each row execute function handout_stays();
