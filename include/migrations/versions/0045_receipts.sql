-- A row is spoken of while its list is out; afterwards by a correction alone. What was said stays.
create function receipt_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if exists (
        select from said s left join public.target_list l on l.list_id = s.list_id
        where l.state is null or not (l.state in ('locked', 'released', 'receipts_open')
                                      or (l.state = 'closed' and s.correction))) then
        raise exception 'a receipt is of a list that is out' using errcode = 'check_violation';
    end if;
    if exists (
        select from said s where not exists (
            select from public.target_row t where t.list_id = s.list_id and t.row_id = s.row_id and t.selected
            and t.county is not distinct from s.county)
        or not exists (select from public.receipt r where r.receipt_id = s.receipt_id and r.list_id = s.list_id)) then
        raise exception 'a receipt speaks of rows of its list alone' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger receipt_fits after insert on receipt_row referencing new table as said
    for each statement execute function receipt_fits();

create function receipt_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'receipts are only appended to' using errcode = 'check_violation';
end $$;
create trigger receipt_stays before update or delete on receipt for each row execute function receipt_stays();
create trigger receipt_stays before update or delete on receipt_row for each row execute function receipt_stays();
