-- Who pinned which bound, and who moved or released it, stays as it was said.
create function bound_pin_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'pinned bounds are only appended to' using errcode = 'check_violation';
end $$;
create trigger bound_pin_stays before update or delete or truncate on bound_pin
    for each statement execute function bound_pin_stays();
