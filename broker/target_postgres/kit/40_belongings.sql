-- What stands between these logins and their removal, in the whole cluster.
--   standing    as jit.standing
--   off         barred and without sessions
--   databases   those in which it owns something or was granted something; the one we are in also
--               stands for what all databases share
--   prepared    how many prepared transactions it has left
create function jit.belongings(p_logins text[])
returns table (login text, standing text, off boolean, databases text[], prepared int)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.login, jit.standing(l.login),
         coalesce(not o.rolcanlogin and o.rolvaliduntil = '-infinity'
           and not exists (select from pg_catalog.pg_stat_activity a where a.usesysid = o.oid),
           true),
         coalesce((select array_agg(distinct
                            coalesce(d.datname, pg_catalog.current_database())::text)
                   from pg_catalog.pg_shdepend s
                   left join pg_catalog.pg_database d on d.oid = s.dbid
                   where s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
                     and s.refobjid = o.oid), '{}'),
         (select count(*)::int from pg_catalog.pg_prepared_xacts x where x.owner = o.login)
  from unnest(p_logins) as l(login)
  left join jit.ours o on o.login = l.login
$$;
