-- A name as one person has it, however it is typed: as guard/duties.py spelt().
create function name_of_one(name text) returns text language sql immutable set search_path = '' as $$
    select case when bare like 'login:_%' then substr(bare, 7) else bare end
    from (select lower(regexp_replace(normalize(name, nfkc),
        '[\s\u0001-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]', '', 'g'))) as typed(bare)
$$;

-- A list goes from one state only to those that may follow it, and is locked when every approval that it needs is given.
create or replace function list_moves() returns trigger language plpgsql set search_path = '' as $$
declare needed jsonb := coalesce(new.passport -> 'approvals_needed', '[]');
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
    if new.state in ('city_approved', 'locked') and (exists (
        select from public.list_step s where s.list_id = new.list_id and s.approved_by is null)
        or (jsonb_array_length(needed) > 0
            and not exists (select from public.list_step s where s.list_id = new.list_id))
        or exists (select from jsonb_array_elements_text(needed) n(role) where n.role <> 'county_officer'
            group by n.role having count(*) > (select count(*) from public.list_step s
                                               where s.list_id = new.list_id and s.role = n.role))
        or (needed ? 'county_officer' and exists (
            select from public.target_row r join public.pool_snapshot p on p.snapshot_id = new.snapshot_id
            where r.list_id = new.list_id and r.selected and p.area like '%00' and not exists (
                select from public.list_step s where s.list_id = new.list_id and s.role = 'county_officer'
                and (s.county is null or s.county = r.county))))) then
        raise exception 'list % lacks an approval; it cannot become %', new.list_id, new.state
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

-- An erasure leaves a nameless place: the same row, of nobody.
create or replace function row_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if (new.facts ->> 'erased') = 'true' and new.station = ''
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

-- Approvals are given to an open list, by nobody who drew it, and one person gives them at one level and once to the city.
create or replace function step_stays() returns trigger language plpgsql set search_path = '' as $$
declare list public.target_list; step public.list_step := case when tg_op = 'DELETE' then old else new end;
begin
    select * into list from public.target_list l where l.list_id = step.list_id;
    if list.state not in ('draft', 'county_approved', 'city_approved', 'cancelled') then
        raise exception 'list % is %; its approvals stay', step.list_id, list.state using errcode = 'check_violation';
    end if;
    if tg_op <> 'DELETE' and step.approved_by is not null and (
        exists (select from jsonb_array_elements_text(coalesce(list.passport -> 'drafted_by', '[]')) d(name)
                where public.name_of_one(d.name) = public.name_of_one(step.approved_by))
        or exists (select from public.list_step s where s.list_id = step.list_id and s.number <> step.number
                   and public.name_of_one(s.approved_by) = public.name_of_one(step.approved_by)
                   and (s.county is null or step.county is null))) then
        raise exception 'list %: who drew it, or approved it at another step, does not approve', step.list_id
            using errcode = 'check_violation';
    end if;
    return step;
end $$;
