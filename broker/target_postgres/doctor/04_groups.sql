-- The groups that logins may be put into.
select 'danger', 'No group is allowed: nothing can be opened.',
       'run jit-broker target sql again, with --group for each group'
where not exists (select from jit.allowed_groups())
union all
select case when g.dangers is null and g.given_by_us then 'ok' else 'danger' end,
       case when g.dangers is not null
              then format('The group %I must not be given to a login: %s.', g.name, g.dangers)
            when not g.given_by_us
              then format('jit_owner may not give the group %I.', g.name)
            else format('The group %I holds no power beyond its rights.', g.name) end,
       case when g.dangers is not null
              then format('delete from jit.allowed_group where name = %L', g.name)
            when not g.given_by_us then format('grant %I to jit_owner with admin option', g.name)
            else '' end
from jit.allowed_groups() g
union all
select 'warning', format('The group %I owns %s objects of this database, among them %s: whoever is'
                         ' in it can drop them and switch their triggers off.',
                         g.name, count(*), min(c.oid::regclass::text)),
       format('alter table %s owner to another_role', min(c.oid::regclass::text))
from jit.allowed_groups() g join pg_roles r on r.rolname = g.name
join pg_class c on c.relowner = r.oid
group by g.name
union all
select 'warning', format('The group %I may create schemas in this database.', g.name),
       format('revoke create on database %I from %I', current_database(), g.name)
from jit.allowed_groups() g join pg_roles r on r.rolname = g.name
where has_database_privilege(r.oid, current_database(), 'create')
union all
select 'danger', format('Logins in the group %I cannot connect to this database.', g.name),
       format('grant connect on database %I to %I', current_database(), g.name)
from jit.allowed_groups() g join pg_roles r on r.rolname = g.name
where not has_database_privilege(r.oid, current_database(), 'connect')
