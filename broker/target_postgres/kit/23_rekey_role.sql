-- Gives a login of ours a new verifier, if it is exactly as ordered. Settings the holder has made
-- for themselves are taken away; open_login puts ours back.
create function jit.rekey_role(
  p_login text, p_person text, p_groups text[], p_connection_limit int, p_valid_until timestamptz,
  p_verifier text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
declare
  v_ours jit.ours;
  v_groups text[];
  v_state text;
begin
  select * into strict v_ours from jit.ours o where o.login = p_login;
  select coalesce(array_agg(g.rolname::text order by g.rolname), '{}') into v_groups
  from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid
  where m.member = v_ours.oid and g.rolname <> 'jit_runner';
  if not v_ours.rolcanlogin or v_ours.has_powers or v_ours.person <> p_person
     or v_ours.rolvaliduntil is distinct from p_valid_until
     or v_ours.rolconnlimit <> p_connection_limit
     or v_groups <> (select array_agg(g order by g collate "C") from unnest(p_groups) g) then
    raise exception 'the login exists with other attributes' using errcode = 'JT005';
  end if;
  begin
    execute format('alter role %I password %L', p_login, p_verifier);
    execute format('alter role %I reset all', p_login);
  exception when query_canceled or others then
    get stacked diagnostics v_state = returned_sqlstate;
    raise exception 'the login could not be given the verifier' using errcode = v_state;
  end;
end
$$;
