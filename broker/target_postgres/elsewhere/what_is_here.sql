-- Which cluster this is, and whether this database has the part of the kit that clears up.
select (select c.system_identifier::text from pg_catalog.pg_control_system() c),
       coalesce(pg_catalog.has_function_privilege(
         pg_catalog.to_regprocedure('jit.clear(text)')::oid, 'execute'), false)
         and coalesce(pg_catalog.has_schema_privilege(
           pg_catalog.to_regnamespace('jit')::oid, 'usage'), false)
