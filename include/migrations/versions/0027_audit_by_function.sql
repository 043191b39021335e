-- The log is written by functions of its owner alone. What they take is checked here, whoever calls.
--
-- One row, audit_end, is the end of the chain and the lock of whoever makes it longer. An officer's own login never
-- takes it: what it writes waits in audit_waiting, and the next writer of ours, or who reads the log, chains it. So no
-- officer can stop a writer, however long a transaction is left open. Waiting rows cannot be changed by who wrote them.

create function audit_checked(action text, subject text, actor text, reason text, scope text, details jsonb)
returns void language plpgsql immutable set search_path = public, pg_temp as $$
begin
    if action is null or action <> all (array[
        'access', 'approval', 'decision', 'erasure', 'export', 'key_use', 'lock', 'password_change', 'refused', 'reveal',
        'role_change', 'search', 'second_factor', 'sign_in', 'sign_in_failed', 'sign_in_lock', 'sign_out', 'upload',
        'view', 'withdrawal'])
    then raise exception 'audit: unknown action' using errcode = 'check_violation'; end if;
    if coalesce(trim(actor), '') = '' then
        raise exception 'audit: nobody is named' using errcode = 'check_violation';
    end if;
    if char_length(subject) not between 1 and 300 or char_length(actor) > 200 or char_length(reason) > 2000
        or char_length(scope) > 2000 or jsonb_typeof(details) <> 'object' or octet_length(details::text) > 65536
    then raise exception 'audit: a field is too long or of another form' using errcode = 'check_violation'; end if;
end $$;

-- whoever works for the office: the tasks' login, the owner, and the pages' login
create function audit_by_us() returns boolean language sql stable set search_path = public, pg_temp as
$$ select session_user = 'talentpool_console' or pg_has_role(session_user, 'talentpool_pipeline', 'usage') $$;

create function audit_chained(entry audit_log, last audit_end) returns audit_end language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    entry.seq := last.seq + 1;
    entry.previous := last.hash;
    entry.hash := audit_hash(entry);
    insert into audit_log select entry.*;
    last.seq := entry.seq;
    last.hash := entry.hash;
    return last;
end $$;

create function audit_gather() returns bigint language plpgsql
security definer set search_path = public, pg_temp as $$
declare last audit_end; waits audit_waiting; entry audit_log; gathered bigint := 0;
begin
    if not audit_by_us() then raise exception 'audit: not yours to gather' using errcode = 'insufficient_privilege'; end if;
    if not exists (select from audit_waiting) then return 0; end if;
    select * into last from audit_end for update;
    for waits in select * from audit_waiting order by waiting_id loop
        entry.at := waits.at; entry.login := waits.login; entry.actor := waits.actor; entry.action := waits.action;
        entry.subject := waits.subject; entry.reason := waits.reason; entry.scope := waits.scope;
        entry.details := waits.details;
        last := audit_chained(entry, last);
        delete from audit_waiting where waiting_id = waits.waiting_id;
        gathered := gathered + 1;
    end loop;
    update audit_end set seq = last.seq, hash = last.hash;
    return gathered;
end $$;

create function audit_write(action text, subject text, actor text, reason text, scope text, details jsonb)
returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare last audit_end; entry audit_log; who text := trim(actor);
begin
    perform audit_checked(action, subject, who, reason, scope, details);
    if session_user = 'talentpool_console' or not audit_by_us() then
        if who is distinct from scope_actor() then
            raise exception 'audit: the session is not that actor''s' using errcode = 'insufficient_privilege';
        end if;
    end if;
    if not audit_by_us() then
        if action <> all (array['reveal', 'refused']) or char_length(reason) > 500 or octet_length(details::text) > 1000
        then raise exception 'audit: not for an officer''s login to write' using errcode = 'insufficient_privilege'; end if;
        if (select count(*) from audit_waiting w where w.login = session_user) >= 1000 then
            raise exception 'audit: too many rows of this login wait' using errcode = 'insufficient_privilege';
        end if;
        insert into audit_waiting (login, actor, action, subject, reason, scope, details)
        values (session_user, who, action, subject, reason, scope, details);
        return;
    end if;
    perform audit_gather();
    select * into last from audit_end for update;
    entry.at := clock_timestamp();
    entry.login := session_user; entry.actor := who; entry.action := action; entry.subject := subject;
    entry.reason := reason; entry.scope := scope; entry.details := details;
    last := audit_chained(entry, last);
    update audit_end set seq = last.seq, hash = last.hash;
end $$;

-- Heads of the chain that were kept: appended, never changed, and only by whoever works through the tasks' login.
create function audit_keep(seq bigint, hash text, kept_at text, signature text) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if not pg_has_role(session_user, 'talentpool_pipeline', 'usage') then
        raise exception 'audit: not yours to keep' using errcode = 'insufficient_privilege';
    end if;
    insert into audit_head (seq, hash, kept_at, signature) values (audit_keep.seq, audit_keep.hash, audit_keep.kept_at, audit_keep.signature);
end $$;

-- One reveal of an officer at a time, by a row that nobody else waits for.
create function reveal_turn() returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare turn text := 'reveal:' || scope_actor();
begin
    if turn is null then raise exception 'reveal: the session is nobody''s' using errcode = 'insufficient_privilege'; end if;
    insert into work_lock (name) values (turn) on conflict do nothing;
    perform from work_lock where name = turn for update;
end $$;
