-- Asks one backend to end; false when it may not be asked, which is so for superusers' backends and
-- for those that have no role yet. Neither can be a login of ours.
create function jit.end_backend(p_pid int) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_terminate_backend(p_pid);
  return true;
exception when insufficient_privilege then
  return false;
end
$$;

-- The third step of off, repeated until there is nothing left: ends every session of these logins
-- and the named half-started connections, and tells what was there before it did.
--   session <login> n      had so many sessions
--   prepared <login> n     has so many prepared transactions, in any database
--   half_started <key> 0   a half-started connection that is there now
-- A half-started connection that may not be ended is not told: whether its role may log in has not
-- been looked at yet, and when it is, the answer is no.
create function jit.end_sessions(p_logins text[], p_half_started text[])
returns table (kind text, name text, how_many int)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select 'session'::text, o.login::text, count(*)::int
    from jit.ours o
    join (select a.usesysid, jit.end_backend(a.pid) as asked
          from pg_catalog.pg_stat_activity a
          where a.usesysid in (select w.oid from jit.ours w where w.login = any (p_logins))) s
      on s.usesysid = o.oid
    group by o.login;
  return query
    select 'prepared'::text, o.login::text, count(*)::int
    from pg_catalog.pg_prepared_xacts x join jit.ours o on o.login = x.owner
    where o.login = any (p_logins)
    group by o.login;
  return query
    select 'half_started'::text, h.key, 0
    from (select g.key, g.key <> all (p_half_started) or jit.end_backend(g.pid) as may_be_ours
          from jit.half_started() g) h
    where h.may_be_ours;
end
$$;
