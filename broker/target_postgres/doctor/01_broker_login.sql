-- The broker's login: it must be plain, belong to nothing, and reach no data.
select * from (
  select case when powers <> '' then 'danger' else 'ok' end as severity,
         case when powers <> '' then format('The broker''s login %I has %s: whoever steals its'
                ' credential has that power.', current_user, powers)
              else format('The broker''s login %I has no attribute of its own.', current_user) end
           as sentence,
         case when powers <> '' then format('alter role %I nosuperuser nocreaterole nocreatedb'
                ' noreplication nobypassrls', current_user) else '' end as mend
  from (select concat_ws(', ', case when rolsuper then 'SUPERUSER' end,
                 case when rolcreaterole then 'CREATEROLE' end,
                 case when rolcreatedb then 'CREATEDB' end,
                 case when rolreplication then 'REPLICATION' end,
                 case when rolbypassrls then 'BYPASSRLS' end) as powers
        from pg_roles where rolname = current_user) p
) attributes
union all
select 'danger', format('The broker''s login is a member of %I.', g.rolname),
       format('revoke %I from %I', g.rolname, current_user)
from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles u on u.oid = m.member
where u.rolname = current_user and g.rolname !~ '^jit_[a-z2-7]{26}$'
union all
select 'danger', format('The broker''s login can read or write %s relations of this database,'
                        ' among them %s.', count(*), min(c.oid::regclass::text)),
       format('revoke all on %s from public, %I', min(c.oid::regclass::text), current_user)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname !~ '^pg_(toast|temp)'
  and has_schema_privilege(n.oid, 'usage')
  and has_table_privilege(c.oid, 'select, insert, update, delete, truncate')
having count(*) > 0
