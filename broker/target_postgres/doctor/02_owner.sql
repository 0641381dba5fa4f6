-- jit_owner: nobody may be or become it.
select case when r.rolcanlogin or r.rolsuper or r.rolreplication or r.rolbypassrls or r.rolcreatedb
            then 'danger' when not r.rolcreaterole then 'danger' else 'ok' end,
       case when r.rolcanlogin or r.rolsuper or r.rolreplication or r.rolbypassrls or r.rolcreatedb
              then 'The role jit_owner has more than CREATEROLE, or can log in.'
            when not r.rolcreaterole
              then 'The role jit_owner cannot make roles: nothing can be opened.'
            else 'The role jit_owner cannot log in and has CREATEROLE only.' end,
       case when r.rolcanlogin or r.rolsuper or r.rolreplication or r.rolbypassrls or r.rolcreatedb
              or not r.rolcreaterole
            then 'alter role jit_owner nologin nosuperuser noreplication nobypassrls nocreatedb'
                 ' createrole' else '' end
from pg_roles r where r.rolname = 'jit_owner'
union all
select 'danger', format('%I is a member of jit_owner and can do all that it can.', u.rolname),
       format('revoke jit_owner from %I', u.rolname)
from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles u on u.oid = m.member
where g.rolname = 'jit_owner' and not u.rolsuper
  and not (current_setting('server_version_num')::int >= 160000 and m.admin_option)
union all
select case when pg_has_role('jit_owner', 'pg_signal_backend', 'usage') then 'ok' else 'danger' end,
       case when pg_has_role('jit_owner', 'pg_signal_backend', 'usage')
            then 'jit_owner may end sessions.'
            else 'jit_owner may not end sessions: a login that is closed keeps those it has.' end,
       case when pg_has_role('jit_owner', 'pg_signal_backend', 'usage')
            then '' else 'grant pg_signal_backend to jit_owner' end
union all
select 'warning', 'Up to PostgreSQL 15 CREATEROLE reaches every role that is not a superuser.'
       ' jit_owner has it, behind functions that check what they are asked; whoever could replace'
       ' those functions would have it too. PostgreSQL 16 narrows it.', ''
where current_setting('server_version_num')::int < 160000
