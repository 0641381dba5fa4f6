-- Every role that has the form of a name of ours, with what a sweep compares. `ours` is false for
-- roles that are not, except those that say in their marker that they belong to another database.
create function jit.inspect()
returns table (
  login text, ours boolean, can_login boolean, valid_until_us bigint, member_of text[],
  verifier_digest text, sessions int, prepared int)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Without statistics the planner thinks of one login and would look at every pair of them.
set enable_nestloop = off
as $$
declare
  v_digests jsonb := '{}';
begin
  -- The digests of the verifiers are there when a superuser installed the kit.
  if to_regprocedure('jit.verifier_digests(text[])') is not null then
    v_digests := jit.verifier_digests(array(select o.login::text from jit.ours o));
  end if;
  return query
    with session as (
      select a.usesysid, count(*)::int as n from pg_catalog.pg_stat_activity a
      where a.usesysid is not null group by 1
    ), prepared as (
      select x.owner, count(*)::int as n from pg_catalog.pg_prepared_xacts x group by 1
    ), membership as (
      select m.member, array_agg(distinct g.rolname::text order by g.rolname::text) as names
      from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid
      where g.rolname <> 'jit_runner'  -- our own, see enlist_runner
      group by 1
    )
    select r.rolname::text, o.oid is not null, r.rolcanlogin,
           case when isfinite(r.rolvaliduntil)
             then (extract(epoch from r.rolvaliduntil) * 1000000)::bigint
             when r.rolvaliduntil = '-infinity' then -1 end,
           coalesce(m.names, '{}'),
           coalesce(v_digests ->> r.rolname, ''),
           coalesce(s.n, 0), coalesce(p.n, 0)
    from pg_catalog.pg_roles r
    left join jit.ours o on o.oid = r.oid
    left join session s on s.usesysid = r.oid
    left join prepared p on p.owner = r.rolname
    left join membership m on m.member = r.oid
    left join pg_catalog.pg_shdescription d
      on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
    where r.rolname ~ '^jit_[a-z2-7]{26}$'
      and (o.oid is not null or not coalesce(
             d.description like 'jit-access login; lease ' || substr(r.rolname, 5)
                                || '; person %; database %'
             and d.description not like '%; database ' || pg_catalog.current_database(), false))
    order by r.rolname;
end
$$;
