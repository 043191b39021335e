-- What each login may do, said anew after every migration and restore: a new table belongs to somebody at once.
-- The pipeline works with rows and owns nothing; what is only ever appended it appends through the owner's functions.
do $$
declare t record;
begin
    grant usage on schema public to talentpool_pipeline, talentpool_reader, talentpool_backup;
    grant usage, create on schema staging to talentpool_pipeline;
    grant usage on schema staging to talentpool_backup;
    for t in select c.oid::regclass as name, c.relname, c.relkind, c.relrowsecurity
             from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'S') loop
        if t.relkind = 'S' then
            execute format('grant usage, select on sequence %s to talentpool_pipeline', t.name);
            execute format('grant select on sequence %s to talentpool_backup', t.name);
            continue;
        end if;
        execute format('grant select on %s to talentpool_pipeline, talentpool_backup', t.name);
        if t.relkind <> 'v' and t.relname <> all (array['alembic_version', 'officer', 'audit_log', 'audit_end',
                                                        'audit_waiting', 'audit_head']) then
            execute format('grant insert, update, delete on %s to talentpool_pipeline', t.name);
        end if;
        if t.relrowsecurity and not exists (select from pg_policy where polrelid = t.name and polname = 'backup') then
            execute format('create policy backup on %s for select to talentpool_backup using (true)', t.name);
        end if;
    end loop;
    grant truncate on match_key to talentpool_pipeline;
    if current_setting('server_version_num')::int >= 170000 then  -- before that, autovacuum alone keeps its figures
        execute 'grant maintain on match_key, record_person to talentpool_pipeline';
    end if;
    execute format('grant connect, temporary on database %I to talentpool_pipeline', current_database());
    execute format('grant connect on database %I to talentpool_reader, talentpool_backup', current_database());
end $$;
-- Large objects belong to no table, and whoever makes one fills the disk: nobody here needs any. The functions are the
-- server's, so that an owner who is no superuser cannot say it; `doctor` then tells what a superuser runs.
do $$
begin
    revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public;
exception when insufficient_privilege then null;
end $$
