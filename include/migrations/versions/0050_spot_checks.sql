-- A sample is of rows of its list, and stays as it was drawn; an answer is of a row that was drawn, in its county.
create function spot_check_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if not exists (
        select from public.target_row t join public.target_list l on l.list_id = t.list_id
        where t.list_id = new.list_id and t.row_id = new.row_id and t.selected and t.county is not distinct from new.county
        and l.state in ('locked', 'released', 'receipts_open', 'closed')) then
        raise exception 'a check is of rows of its list' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger spot_check_fits before insert on spot_check_row for each row execute function spot_check_fits();
create trigger spot_check_fits before insert on spot_check_word for each row execute function spot_check_fits();

create function spot_check_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'a sample is drawn once; answers are only appended to' using errcode = 'check_violation';
end $$;
create trigger spot_check_stays before update or delete on spot_check for each row execute function spot_check_stays();
create trigger spot_check_stays before update or delete on spot_check_row for each row execute function spot_check_stays();
create trigger spot_check_stays before update or delete on spot_check_word for each row execute function spot_check_stays();

-- A complaint that names a row names one of its list and county. It is answered once; nothing else of it changes.
create function complaint_fits() returns trigger language plpgsql set search_path = '' as $$
begin
    if new.row_id is not null and not exists (
        select from public.target_row t where t.list_id = new.list_id and t.row_id = new.row_id and t.selected
        and t.county = new.county) then
        raise exception 'a complaint names a row of its list and county' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger complaint_fits before insert on complaint for each row execute function complaint_fits();

create function complaint_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if tg_op = 'UPDATE' and old.answered_by is null and new.answered_by is not null
        and to_jsonb(new) - 'answer' - 'answered_by' - 'answered_at' = to_jsonb(old) - 'answer' - 'answered_by' - 'answered_at' then
        return new;
    end if;
    raise exception 'a complaint is answered once, and stays' using errcode = 'check_violation';
end $$;
create trigger complaint_stays before update or delete on complaint for each row execute function complaint_stays();
