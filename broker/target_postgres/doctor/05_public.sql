-- What everybody may do, and therefore every login.
select 'warning', format('Everybody may connect to the database %I, so every login of ours can:'
                         ' least privilege is per cluster then, not per database.', d.datname),
       format('revoke connect, temporary on database %I from public', d.datname)
from pg_database d
where d.datallowconn and d.datname <> current_database()
  and exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
              where a.grantee = 0 and a.privilege_type = 'CONNECT')
union all
select 'danger', format('Everybody may create objects in the schema %I: a reader can leave tables'
                        ' and functions there, and plant traps for others.', n.nspname),
       format('revoke create on schema %I from public', n.nspname)
from pg_namespace n
where exists (select from aclexplode(n.nspacl) a
              where a.grantee = 0 and a.privilege_type = 'CREATE')
union all
select 'warning', format('The foreign server %I can be used by everybody: it may lead back here'
                         ' under another role.', s.srvname),
       format('revoke usage on foreign server %I from public', s.srvname)
from pg_foreign_server s
where exists (select from aclexplode(s.srvacl) a where a.grantee = 0)
   or exists (select from pg_user_mappings m where m.srvid = s.oid and m.umuser = 0)
union all
select 'warning', format('%s functions run with the rights of their owner, without a search_path of'
                         ' their own, for everybody; among them %s.',
                         count(*), min(p.oid::regprocedure::text)),
       format('alter function %s set search_path = pg_catalog, pg_temp',
              min(p.oid::regprocedure::text))
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema', 'jit')
  and not exists (select from unnest(coalesce(p.proconfig, '{}')) s where s like 'search_path=%')
  and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
              where a.grantee = 0)
having count(*) > 0
union all
select 'warning', format('The extension %I runs jobs later, under roles of its own: what a writer'
                         ' schedules outlives the login.', e.extname), ''
from pg_extension e where e.extname in ('pg_cron', 'pgagent', 'pg_background', 'pg_timetable')
union all
select 'warning', format('The language %I lets whoever may create functions out of the database.',
                         l.lanname),
       format('revoke usage on language %I from public', l.lanname)
from pg_language l
where not l.lanpltrusted and l.lanname not in ('internal', 'c')
  and exists (select from aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) a
              where a.grantee = 0)
