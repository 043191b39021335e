-- A list goes from one state only to those that may follow it, and is locked when nobody's approval is missing.
create function list_moves() returns trigger language plpgsql set search_path = '' as $$
begin
    if old.state || '>' || new.state not in (
        'draft>county_approved', 'draft>city_approved', 'draft>locked', 'draft>cancelled', 'draft>void',
        'county_approved>draft', 'county_approved>city_approved', 'county_approved>locked', 'county_approved>cancelled', 'county_approved>void',
        'city_approved>draft', 'city_approved>county_approved', 'city_approved>locked', 'city_approved>cancelled', 'city_approved>void',
        'locked>released', 'locked>receipts_open', 'locked>closed', 'locked>void',
        'released>receipts_open', 'released>closed', 'released>void',
        'receipts_open>closed', 'receipts_open>void', 'closed>void', 'cancelled>draft', 'cancelled>void') then
        raise exception 'list % is %; it cannot become %', old.list_id, old.state, new.state
            using errcode = 'check_violation';
    end if;
    if new.state in ('city_approved', 'locked') and exists (
        select from public.list_step s where s.list_id = new.list_id and s.approved_by is null) then
        raise exception 'list % lacks an approval; it cannot become %', new.list_id, new.state
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger list_moves before update of state on target_list for each row
    when (old.state is distinct from new.state) execute function list_moves();

-- A locked list stays as it is: only its state goes on, and an erasure is flagged.
create function list_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'list % is %; it stays', old.list_id, old.state using errcode = 'check_violation';
    end if;
    if to_jsonb(new) - 'state' - 'erased' is distinct from to_jsonb(old) - 'state' - 'erased' then
        raise exception 'list % is %; what it says stays', old.list_id, old.state using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger list_stays before update or delete on target_list for each row
    when (old.state in ('locked', 'released', 'receipts_open', 'closed', 'void')) execute function list_stays();

-- So do its rows. An erasure leaves a nameless place: the same row, of nobody.
create function rows_stay() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (select from public.target_list l where l.list_id in (select distinct c.list_id from changed c)
               and l.state in ('locked', 'released', 'receipts_open', 'closed', 'void')) then
        raise exception 'a list is locked; its rows stay' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger rows_stay after insert on target_row referencing new table as changed
    for each statement execute function rows_stay();
create trigger rows_go after delete on target_row referencing old table as changed
    for each statement execute function rows_stay();
create function row_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if (new.facts ->> 'erased') = 'true' and (new.list_id, new.row_id, new.selected, new.reason, new.county, new.partner)
        is not distinct from (old.list_id, old.row_id, old.selected, old.reason, old.county, old.partner) then
        return new;
    end if;
    if exists (select from public.target_list l where l.list_id in (old.list_id, new.list_id)
               and l.state in ('locked', 'released', 'receipts_open', 'closed', 'void')) then
        raise exception 'list % is locked; its rows stay', old.list_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger row_stays before update on target_row for each row execute function row_stays();

-- Approvals are given to an open list, by nobody who drew it, and one person gives them at one level and once to the city.
create function step_stays() returns trigger language plpgsql set search_path = '' as $$
declare list public.target_list; step public.list_step := case when tg_op = 'DELETE' then old else new end;
begin
    select * into list from public.target_list l where l.list_id = step.list_id;
    if list.state not in ('draft', 'county_approved', 'city_approved', 'cancelled') then
        raise exception 'list % is %; its approvals stay', step.list_id, list.state using errcode = 'check_violation';
    end if;
    if tg_op <> 'DELETE' and step.approved_by is not null and (
        exists (select from jsonb_array_elements_text(coalesce(list.passport -> 'drafted_by', '[]')) d(name)
                where lower(trim(normalize(d.name, nfkc))) = lower(trim(normalize(step.approved_by, nfkc))))
        or exists (select from public.list_step s where s.list_id = step.list_id and s.number <> step.number
                   and lower(trim(normalize(s.approved_by, nfkc))) = lower(trim(normalize(step.approved_by, nfkc)))
                   and (s.county is null or step.county is null))) then
        raise exception 'list %: who drew it, or approved it at another step, does not approve', step.list_id
            using errcode = 'check_violation';
    end if;
    return step;
end $$;
create trigger step_stays before insert or update or delete on list_step for each row execute function step_stays();

create function list_decision_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'list_decision is only appended to' using errcode = 'check_violation';
end $$;
create trigger list_decision_stays before update or delete on list_decision for each row
    execute function list_decision_stays();
