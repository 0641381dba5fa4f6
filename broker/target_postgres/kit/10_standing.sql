-- How a name of ours stands: 'absent' no such role; 'ours' row and marker agree; 'foreign' a role
-- of that name has neither; 'doubtful' it has only one of the two, so somebody was at it.
create function jit.standing(p_login text) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not exists (select from pg_catalog.pg_roles where rolname = p_login) then 'absent'
    when exists (select from jit.ours where login = p_login) then 'ours'
    when exists (select from jit.issued where login = p_login) then 'doubtful'
    when exists (select from pg_catalog.pg_roles r
                 where r.rolname = p_login
                   and pg_catalog.shobj_description(r.oid, 'pg_authid') like 'jit-access login;%')
      then 'doubtful'
    else 'foreign'
  end
$$;
