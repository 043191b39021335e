-- Who a session is: the console says it for the length of one transaction (guard/scope.py), an officer's own login is
-- looked up. A setting that somebody else makes counts for nothing: session_user is the login, whatever SET ROLE says.

create function scope_actor() returns text language sql stable security definer set search_path = public, pg_temp as $$
    select case when session_user = 'talentpool_console' then nullif(current_setting('talentpool.actor', true), '')
                else (select name from officer where login = session_user and removed_at is null) end
$$;

create function scope_roles() returns text[] language sql stable security definer set search_path = public, pg_temp as $$
    select coalesce(
        case when session_user = 'talentpool_console'
                 then string_to_array(nullif(current_setting('talentpool.roles', true), ''), ',')
             else (select array[role] from officer where login = session_user and removed_at is null) end, '{}')
$$;

-- county codes; '*' stands for the whole area
create function scope_counties() returns text[] language sql stable security definer set search_path = public, pg_temp as $$
    select coalesce(
        case when session_user = 'talentpool_console'
                 then string_to_array(nullif(current_setting('talentpool.counties', true), ''), ',')
             else (select coalesce(counties, array['*']) from officer where login = session_user and removed_at is null)
        end, '{}')
$$;

create function scope_whole() returns boolean language sql stable set search_path = public, pg_temp as
$$ select '*' = any(scope_counties()) $$;

-- who reads the log: auditors, and the city of what is done in it
create function scope_audits() returns boolean language sql stable set search_path = public, pg_temp as
$$ select 'auditor' = any(scope_roles()) or scope_whole() $$;
