-- The groups the DBA allows, with what speaks against each now; for the doctor.
create function jit.allowed_groups()
returns table (name text, connection_limit_max int, dangers text, given_by_us boolean)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select a.name::text, a.connection_limit_max, jit.dangers_of_group(a.name),
         pg_catalog.current_setting('server_version_num')::int < 160000
           or coalesce(
             pg_catalog.pg_has_role('jit_owner', r.oid, 'member with admin option'), false)
  from jit.allowed_group a left join pg_catalog.pg_roles r on r.rolname = a.name
  order by 1
$$;
