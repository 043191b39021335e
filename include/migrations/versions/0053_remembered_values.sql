-- Who did what about a row stays said; another word is another row.
create function quarantine_word_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'words on rows that were set aside are only appended to' using errcode = 'check_violation';
end $$;
create trigger quarantine_word_stays before update or delete or truncate on quarantine_word
    for each statement execute function quarantine_word_stays();
