-- The functions of the kit: whose they are and who may call them.
select 'danger', format('The function %s does not belong to jit_owner.', p.oid::regprocedure),
       format('alter function %s owner to jit_owner', p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner
where n.nspname = 'jit' and r.rolname <> 'jit_owner'
  and not (p.proname = 'verifier_digests' and r.rolsuper)
  -- These write as the owner of the tables that are guarded, and belong to that role.
  and p.proname <> 'as_role_' || p.proowner
union all
select 'danger', format('Everybody may call the function %s.', p.oid::regprocedure),
       format('revoke all on function %s from public', p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'jit'
  and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
              where a.grantee = 0)
union all
select 'danger', format('The function %s runs with the search_path of its caller.',
                        p.oid::regprocedure),
       format('alter function %s set search_path = pg_catalog, pg_temp', p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'jit' and p.prosecdef
  and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
union all
select case when to_regprocedure('jit.verifier_digests(text[])') is null
            then 'warning' else 'ok' end,
       case when to_regprocedure('jit.verifier_digests(text[])') is null
            then 'The kit was not installed by a superuser: a holder who changes their own password'
                 ' is not noticed.'
            else 'A holder who changes their own password is noticed.' end, ''
