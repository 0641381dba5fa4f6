-- The prepared transactions of one login, each with the statement that rolls it back, which only
-- the login itself or a superuser may run, in the database named.
create function jit.prepared(p_login text)
returns table (database text, statement text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select x.database::text, format('rollback prepared %L', x.gid)
  from pg_catalog.pg_prepared_xacts x join jit.ours o on o.login = x.owner
  where o.login = p_login
$$;
