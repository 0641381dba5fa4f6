-- Connections that are past the check whether they may log in, or on their way there, and not yet
-- shown with a name: they hold a virtual transaction and have no row, or no user, in
-- pg_stat_activity. Whose they are cannot be seen. The key survives until the connection is shown.
create function jit.half_started()
returns table (key text, pid int)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.pid || ':' || l.virtualxid, l.pid
  from pg_catalog.pg_locks l
  left join pg_catalog.pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'virtualxid' and l.pid is not null and l.granted
    and (a.pid is null
         or pg_catalog.current_setting('server_version_num')::int >= 180000
            and a.usesysid is null and a.backend_type = 'client backend')
$$;
