-- Why a group must not be given to anybody, or null when it may: it and everything it is a member
-- of must be plain NOLOGIN roles. Predefined roles read or run more than any lease should.
create function jit.dangers_of_group(p_group text) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with recursive reach(oid) as (
    select r.oid from pg_catalog.pg_roles r where r.rolname = p_group
    union
    select m.roleid from pg_catalog.pg_auth_members m join reach on m.member = reach.oid
  ), danger as (
    select r.rolname, concat_ws(' and ',
      case when r.rolsuper then 'is SUPERUSER' end,
      case when r.rolcanlogin then 'can log in' end,
      case when r.rolcreaterole then 'has CREATEROLE' end,
      case when r.rolcreatedb then 'has CREATEDB' end,
      case when r.rolreplication then 'has REPLICATION' end,
      case when r.rolbypassrls then 'has BYPASSRLS' end,
      case when r.oid < 16384 then 'is a predefined role' end,
      case when r.rolname like 'jit\_%' then 'belongs to jit-access' end,
      case when exists (select from pg_catalog.pg_database d where d.datdba = r.oid)
        then 'owns a database' end) as why
    from pg_catalog.pg_roles r join reach using (oid)
  )
  select case
    when not exists (select from reach) then 'there is no such role'
    else (select string_agg(format('%s %s', rolname, why), '; ') from danger where why <> '')
  end
$$;
