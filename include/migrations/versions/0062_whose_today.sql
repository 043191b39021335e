-- To whom a record of a list belongs today; for one that is known no more, who goes on for the person that it was of. As
-- campaigns/owners.py.
create function person_today(of_record uuid, of_person uuid) returns uuid language sql stable set search_path = '' as $$
    select coalesce((select p.person_id from public.record_person p where p.record_id = of_record),
                    (select d.new_id from public.person_redirect d where d.old_id = of_person), of_person)
$$;

-- A follow-up is locked while what it follows is out; on it is nobody who received or refused in the round, or who is on another
-- list of it than those that it follows, whatever their id was then.
create or replace function follow_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if not exists (
        select from public.target_list l where l.list_id = new.follows and (l.campaign, l.cycle) = (new.campaign, new.cycle)
        and l.supplement < new.supplement and l.state in ('locked', 'released', 'receipts_open', 'closed')) then
        raise exception 'list % follows no list of its round that is out', new.list_id using errcode = 'check_violation';
    end if;
    if exists (
        with recursive chain(list_id) as (
            select new.follows union
            select l.follows from public.target_list l join chain c on c.list_id = l.list_id where l.follows is not null),
        every as (
            select l.list_id, l.state from public.target_list l
            where l.cycle = new.cycle and l.passport ->> 'purpose' = new.passport ->> 'purpose'
            and (l.list_id = new.list_id or l.state in ('locked', 'released', 'receipts_open', 'closed', 'void'))),
        who as (
            select r.list_id, e.state, r.row_id, coalesce(p.person_id, d.new_id, r.person_id) as person
            from every e join public.target_row r on r.list_id = e.list_id and r.selected
            left join public.record_person p on p.record_id = r.record_id
            left join public.person_redirect d on d.old_id = r.person_id)
        select from who t join who o on o.person = t.person and o.list_id <> new.list_id
        where t.list_id = new.list_id
        and (public.what_stands(o.list_id, o.row_id) in ('full', 'part')
             or o.state <> 'void' and (o.list_id not in (select c.list_id from chain c)
                                       or public.what_stands(o.list_id, o.row_id) = 'refused'))) then
        raise exception 'list %: nobody is served twice in a round', new.list_id using errcode = 'check_violation';
    end if;
    return new;
end $$;

-- Nobody receives by two lists of a round that are out, whatever their id was when these were drawn.
create or replace function received_once() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (
        select from (
            select t.list_id, l.campaign, l.cycle, t.person_id, public.person_today(t.record_id, t.person_id) as person
            from said s
            join public.target_list l on l.list_id = s.list_id
            join public.target_row t on t.list_id = s.list_id and t.row_id = s.row_id and t.selected
            where s.outcome in ('full', 'part')) got
        join public.target_list other on (other.campaign, other.cycle) = (got.campaign, got.cycle)
            and other.list_id <> got.list_id and other.state in ('locked', 'released', 'receipts_open', 'closed')
        cross join lateral (
            select o.row_id from public.record_person p join public.target_row o on o.record_id = p.record_id
            where p.person_id = got.person and o.list_id = other.list_id and o.selected
            union all
            select o.row_id from public.target_row o
            where o.list_id = other.list_id and o.person_id in (got.person_id, got.person) and o.selected
            and not exists (select from public.record_person p where p.record_id = o.record_id)) same
        where public.what_stands(other.list_id, same.row_id) in ('full', 'part')) then
        raise exception 'nobody receives by two lists of a round' using errcode = 'check_violation';
    end if;
    return null;
end $$;
