-- What was noticed, sent and said stays, whoever would rather not have known.
create function alert_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'alerts are only appended to' using errcode = 'check_violation';
end $$;
create trigger alert_stays before update or delete or truncate on alert
    for each statement execute function alert_stays();
create trigger alert_stays before update or delete or truncate on alert_word
    for each statement execute function alert_stays();
create trigger alert_stays before update or delete or truncate on alert_sending
    for each statement execute function alert_stays();
