-- Why jit_owner must not join the owner of tables, or null when it may: what that role can do
-- beyond its tables would come with it.
create function jit.dangers_of_owner(p_owner text) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with recursive reach(oid) as (
    select r.oid from pg_catalog.pg_roles r where r.rolname = p_owner
    union
    select m.roleid from pg_catalog.pg_auth_members m join reach on m.member = reach.oid
  ), danger as (
    select r.rolname, concat_ws(' and ',
      case when r.rolsuper then 'is SUPERUSER' end,
      case when r.rolreplication then 'has REPLICATION' end,
      case when r.rolbypassrls then 'has BYPASSRLS' end,
      case when r.oid < 16384 and not r.rolsuper then 'is a predefined role' end,
      case when r.rolname like 'jit\_%' then 'belongs to jit-access' end) as why
    from pg_catalog.pg_roles r join reach using (oid)
  )
  select case
    when not exists (select from reach) then 'there is no such role'
    else (select string_agg(format('%s %s', rolname, why), '; ') from danger where why <> '')
  end
$$;

-- Every table that a lease in one of the allowed groups could change without a guard, and what
-- mends it; for the doctor.
create function jit.unguardable()
returns table (name text, why text, mend text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select g.name, g.why,
         case when o.rolsuper
                then format('alter table %s owner to a_role_that_is_no_superuser', g.name)
              when c.relkind in ('r', 'p') and not pg_has_role('jit_owner', o.oid, 'usage')
                then format('grant %I to jit_owner', o.rolname)
              else '' end
  from jit.guard_tables(array(select a.name::text from jit.allowed_group a)) g
  join pg_class c on c.oid = g.rel join pg_roles o on o.oid = c.relowner
  where not g.guardable
  order by 1
$$;
