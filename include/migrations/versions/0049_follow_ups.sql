-- What stands of a row: the last correction, else the strongest word.
create function what_stands(in_list bigint, of_row text) returns text language sql stable set search_path = '' as $$
    select r.outcome from public.receipt_row r where r.list_id = in_list and r.row_id = of_row
    order by case when r.correction then r.entry_id end desc nulls last,
             array_position(array['full', 'part', 'refused', 'left', 'none', 'unknown'], r.outcome)
    limit 1
$$;

-- A follow-up is locked while what it follows is out; on it is nobody who received or refused in the round, or who is on another
-- list of it than those that it follows.
create function follow_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if not exists (
        select from public.target_list l where l.list_id = new.follows and (l.campaign, l.cycle) = (new.campaign, new.cycle)
        and l.supplement < new.supplement and l.state in ('locked', 'released', 'receipts_open', 'closed')) then
        raise exception 'list % follows no list of its round that is out', new.list_id using errcode = 'check_violation';
    end if;
    if exists (
        with recursive chain(list_id) as (
            select new.follows union
            select l.follows from public.target_list l join chain c on c.list_id = l.list_id where l.follows is not null)
        select from public.target_list l
        join public.target_row o on o.list_id = l.list_id and o.selected
        join public.target_row t on t.list_id = new.list_id and t.selected and t.person_id = o.person_id
        where l.list_id <> new.list_id and l.cycle = new.cycle and l.passport ->> 'purpose' = new.passport ->> 'purpose'
        and l.state in ('locked', 'released', 'receipts_open', 'closed', 'void')
        and (public.what_stands(o.list_id, o.row_id) in ('full', 'part')
             or l.state <> 'void' and (l.list_id not in (select c.list_id from chain c)
                                       or public.what_stands(o.list_id, o.row_id) = 'refused'))) then
        raise exception 'list %: nobody is served twice in a round', new.list_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger follow_fits before update of state on target_list for each row
    when (new.state = 'locked' and old.state <> 'locked' and new.follows is not null) execute function follow_fits();

-- Nobody receives by two lists of a round that are out.
create function received_once() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (
        select from said s
        join public.target_list l on l.list_id = s.list_id
        join public.target_list other on (other.campaign, other.cycle) = (l.campaign, l.cycle)
            and other.list_id <> l.list_id and other.state in ('locked', 'released', 'receipts_open', 'closed')
        join public.target_row t on t.list_id = s.list_id and t.row_id = s.row_id and t.selected
        join public.target_row o on o.list_id = other.list_id and o.person_id = t.person_id and o.selected
        where s.outcome in ('full', 'part') and public.what_stands(o.list_id, o.row_id) in ('full', 'part')) then
        raise exception 'nobody receives by two lists of a round' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger received_once after insert on receipt_row referencing new table as said
    for each statement execute function received_once();
