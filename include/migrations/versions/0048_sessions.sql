-- What was handed out of a round: what stands of the receipts (migration 0047), and one a walk-in, out of the county's reserve.
create or replace view stock_handed with (security_invoker = true) as
    select l.campaign, l.cycle, l.list_id, t.county,
           case when t.county is null then 'city'
                when t.station = '' then 'county:' || t.county
                else 'station:' || t.partner || ':' || t.county || ':' || t.station end as account,
           count(*) as people, sum(s.delivered)::bigint as handed
    from public.target_list l
    cross join lateral (
        select distinct on (r.row_id) r.row_id, r.delivered from public.receipt_row r where r.list_id = l.list_id
        order by r.row_id, case when r.correction then r.entry_id end desc nulls last,
            array_position(array['full','part','refused','left','none','unknown'], r.outcome), r.delivered desc,
            r.on_day nulls last) s
    join public.target_row t on t.list_id = l.list_id and t.row_id = s.row_id and t.selected
    where s.delivered > 0
    group by l.campaign, l.cycle, l.list_id, t.county, 5
    union all
    select l.campaign, l.cycle, l.list_id, e.county, 'county:' || e.county, count(*), count(*)
    from public.handout_entry h
    join public.handout_event e on e.event_id = h.event_id
    join public.target_list l on l.list_id = e.list_id
    where h.row_id is null
    group by l.campaign, l.cycle, l.list_id, e.county;

-- How many slots the list of a session declares; 0 of any other form.
create function session_slots(of_list bigint) returns integer language sql stable set search_path = '' as $$
    select coalesce(sum(jsonb_array_length(p -> 'slots')), 0)::integer
    from public.target_list l, jsonb_array_elements(coalesce(l.passport -> 'declaration' -> 'places', '[]'::jsonb)) p
    where l.list_id = of_list and l.passport ->> 'form' = 'session'
$$;

-- Somebody on the list of a session signs up for one of its slots, or takes it back (0), while the list is out.
create function signup_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (
        select from said s left join public.target_list l on l.list_id = s.list_id
        where l.state is null or l.state not in ('locked', 'released', 'receipts_open')
            or l.passport ->> 'form' is distinct from 'session' or s.slot > public.session_slots(s.list_id)
            or not exists (select from public.target_row t where t.list_id = s.list_id and t.row_id = s.row_id and t.selected
                           and t.county is not distinct from s.county)
            or not exists (select from public.receipt r where r.receipt_id = s.receipt_id and r.list_id = s.list_id)) then
        raise exception 'a sign-up is of a row of a session''s list that is out' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger signup_fits after insert on session_signup referencing new table as said
    for each statement execute function signup_fits();

-- Who signed up is known until the list is closed; then only how many.
create function signup_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if tg_op = 'DELETE' and exists (select from public.target_list l where l.list_id = old.list_id
                                    and l.state in ('closed', 'void')) then
        return old;
    end if;
    raise exception 'sign-ups are appended to, and gone when the list is closed' using errcode = 'check_violation';
end $$;
create trigger signup_stays before update or delete on session_signup for each row execute function signup_stays();

-- Counts are of a slot of a session, or of an event (slot 0); children come to events alone. The last count stands, and another
-- one than the first says why.
create function attendance_fits() returns trigger language plpgsql set search_path = '' as $$
declare form text; state text;
begin
    select l.passport ->> 'form', l.state into form, state from public.target_list l where l.list_id = new.list_id;
    if state is null or state not in ('locked', 'released', 'receipts_open', 'closed')
        or not (form = 'session' and new.what <> 'children' and new.slot between 1 and public.session_slots(new.list_id)
                or form = 'event' and new.what <> 'signed' and new.slot = 0) then
        raise exception 'a count is of a slot of a session, or of an event, that is out' using errcode = 'check_violation';
    end if;
    if new.note = '' and (state = 'closed' or exists (
        select from public.attendance a where (a.list_id, a.slot, a.county, a.what)
            = (new.list_id, new.slot, new.county, new.what))) then
        raise exception 'another count says why' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger attendance_fits before insert on attendance for each row execute function attendance_fits();

create function attendance_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'counts are only appended to' using errcode = 'check_violation';
end $$;
create trigger attendance_stays before update or delete on attendance for each row execute function attendance_stays();

-- Who came to a doctor, a lawyer or a vaccination is nobody's to know: no receipt by row is of a session's list.
create function receipt_is_no_visit() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (select from said s join public.target_list l on l.list_id = s.list_id
               where l.passport ->> 'form' = 'session') then
        raise exception 'of a session nobody''s coming is kept' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger receipt_is_no_visit after insert on receipt_row referencing new table as said
    for each statement execute function receipt_is_no_visit();
