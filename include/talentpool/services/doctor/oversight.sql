-- What is wrong with what keeps the log: each query names it, a line each. Their order is that of oversight.WRONG.

-- triggers that are off, gone or not ours
select name || ' on ' || kept from unnest(cast(:kept as text[]), cast(:triggers as text[])) as ours(kept, name)
where not exists (
    select from pg_trigger join pg_proc p on p.oid = tgfoid
    where tgname = name and tgenabled in ('O', 'A') and tgrelid = to_regclass('public.' || kept)
        and p.proname || '()' = any(:functions)
)
union
select tgname || ' on ' || c.relname from pg_trigger join pg_class c on c.oid = tgrelid
where c.relnamespace = cast('public' as regnamespace) and c.relname = any(:log) and not tgisinternal
    and tgname <> all(:triggers);

-- functions that are not as they were made, those that go by their names, and whatever is not the owner's
with known as (
    select name, made, to_regprocedure('public.' || name) as oid
    from unnest(cast(:functions as text[]), cast(:made as text[])) as ours(name, made)
),
owner as (select relowner as oid from pg_class where pg_class.oid = to_regclass('public.alembic_version'))
select name from known
where not exists (
    select from pg_proc p where p.oid = known.oid and p.proowner = (select oid from owner)
        and md5(concat_ws('|', p.prosrc, p.prosecdef, array_to_string(p.proconfig, ';'))) = made
)
union
select cast(cast(p.oid as regprocedure) as text) from pg_proc p
where p.pronamespace = cast('public' as regnamespace) and p.proname in (select split_part(name, '(', 1) from known)
    and not exists (select from known where known.oid = p.oid)
union
select relname from pg_class
where relnamespace = cast('public' as regnamespace) and relname = any(:log) and relowner <> (select oid from owner);

-- functions that others than those named may call; PUBLIC is everybody
select format('%s by %s', name, who)
from unnest(cast(:functions as text[]), cast(:may as text[])) as known(name, may)
join pg_proc p on p.oid = to_regprocedure('public.' || name),
    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))),
    lateral (select case grantee when 0 then 'PUBLIC' else pg_get_userbyid(grantee) end as who) as named
where grantee <> p.proowner and who <> all(string_to_array(may, ' '));

-- who may write the log's tables past its functions
select format('%s by %s', c.relname, r.rolname) from pg_roles r, pg_class c
where c.relnamespace = cast('public' as regnamespace) and c.relname = any(:log) and not r.rolsuper
    and (r.rolname = any(:readers) or r.rolname = any(:workers) or starts_with(r.rolname, :officers))
    and (has_table_privilege(r.oid, c.oid, 'insert, update, delete, truncate, trigger')
         or has_any_column_privilege(r.oid, c.oid, 'insert, update'));

-- readers that are members of more than the readers
select format('%s of %s', r.rolname, m.rolname)
from pg_roles r join pg_roles m on m.oid <> r.oid and pg_has_role(r.oid, m.oid, 'member')
where (r.rolname = any(:readers) or starts_with(r.rolname, :officers)) and not r.rolsuper
    and (m.rolname = any(:ours) or starts_with(m.rolname, 'pg_')
         or m.oid = (select relowner from pg_class where pg_class.oid = to_regclass('public.alembic_version')));

-- tables of which no reader reads anything, and who may
select format('%s by %s', c.relname, r.rolname) from pg_roles r, pg_class c
where c.relnamespace = cast('public' as regnamespace) and c.relname = any(:hidden) and not r.rolsuper
    and (r.rolname = any(:readers) or starts_with(r.rolname, :officers))
    and has_any_column_privilege(r.oid, c.oid, 'select')
