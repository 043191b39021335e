-- What was deleted, and who kept what from being deleted, stays on record, whoever would rather not have done it.
create function retention_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'what was deleted and what is under hold is only appended to' using errcode = 'check_violation';
end $$;
create trigger retention_stays before update or delete or truncate on retention_report
    for each statement execute function retention_stays();
create trigger retention_stays before update or delete or truncate on retention_hold
    for each statement execute function retention_stays();
create trigger retention_stays before update or delete or truncate on retention_hold_word
    for each statement execute function retention_stays();
