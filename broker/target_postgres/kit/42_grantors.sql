-- Who has granted a login anything in this database or on what all databases share, apart from the
-- login itself.
create function jit.grantors(p_login oid)
returns table (grantor oid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select distinct a.grantor
  from (
    select relacl as acl from pg_catalog.pg_class where relacl is not null
    union all select attacl from pg_catalog.pg_attribute where attacl is not null
    union all select proacl from pg_catalog.pg_proc where proacl is not null
    union all select nspacl from pg_catalog.pg_namespace where nspacl is not null
    union all select typacl from pg_catalog.pg_type where typacl is not null
    union all select lanacl from pg_catalog.pg_language where lanacl is not null
    union all select srvacl from pg_catalog.pg_foreign_server where srvacl is not null
    union all select fdwacl from pg_catalog.pg_foreign_data_wrapper where fdwacl is not null
    union all select lomacl from pg_catalog.pg_largeobject_metadata where lomacl is not null
    union all select datacl from pg_catalog.pg_database where datacl is not null
    union all select spcacl from pg_catalog.pg_tablespace where spcacl is not null
    union all select defaclacl from pg_catalog.pg_default_acl where defaclacl is not null
  ) every
  cross join lateral pg_catalog.aclexplode(every.acl) a
  where a.grantee = p_login and a.grantor <> p_login
  union
  -- Default privileges are taken back by the role they are for, which may be another.
  select d.defaclrole
  from pg_catalog.pg_default_acl d cross join lateral pg_catalog.aclexplode(d.defaclacl) a
  where a.grantee = p_login and d.defaclrole <> p_login
$$;
