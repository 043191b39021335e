-- What was told to a partner is on record for three years, and is not rewritten; the sealed file itself may go.
create function letter_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    if tg_op = 'TRUNCATE' then
        raise exception 'letter: records of what was provided are kept' using errcode = 'check_violation';
    elsif tg_op = 'DELETE' then
        if old.keep_until >= current_date then
            raise exception 'letter %: kept until %', old.letter_id, old.keep_until using errcode = 'check_violation';
        end if;
        return old;
    elsif new.content is not null or (to_jsonb(new) - 'content') is distinct from (to_jsonb(old) - 'content') then
        raise exception 'letter %: what was provided is not rewritten', old.letter_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger letter_stays before update or delete on letter for each row execute function letter_stays();
create trigger letter_is_kept before truncate on letter for each statement execute function letter_stays();
-- What was sent, and what was not, stays.
create function letter_sending_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'sendings of letters are only appended to' using errcode = 'check_violation';
end $$;
create trigger letter_sending_stays before update or delete or truncate on letter_sending
    for each statement execute function letter_sending_stays();
