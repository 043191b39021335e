-- What is signed for stays, while its event lasts, by who is signed in for it; and no more leaves a reserve than it has.
create function handout_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (
        select from said s
        join public.handout_event e on e.event_id = s.event_id
        join public.target_list l on l.list_id = e.list_id
        where e.ended_at is not null or e.ends_at <= clock_timestamp()
        or l.state not in ('locked', 'released', 'receipts_open')) then
        raise exception 'the event is over' using errcode = 'check_violation';
    end if;
    if exists (
        select from said s join public.handout_event e on e.event_id = s.event_id
        where not exists (select from public.handout_pass p where p.pass_id = s.pass_id and p.event_id = s.event_id
                          and p.ended_at is null and p.session_hash is not null)
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
create trigger handout_fits after insert on handout_entry referencing new table as said
    for each statement execute function handout_fits();

create function handout_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'what was signed for is only appended to' using errcode = 'check_violation';
end $$;
create trigger handout_stays before update or delete on handout_entry for each row execute function handout_stays();
