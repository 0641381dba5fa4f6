-- Gives a login of ours a new verifier, if it is exactly as ordered. Settings the holder has made
-- for themselves are taken away; open_login puts ours back. As whom a login acts no definer
-- function can say or unsay, not even with RESET ALL: that is left to jit.act_as.
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
  v_setting text;
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
    for v_setting in
      select split_part(c, '=', 1)
      from pg_catalog.pg_db_role_setting s cross join unnest(s.setconfig) c
      where s.setrole = v_ours.oid and s.setdatabase = 0 and c !~ '^(role|session_authorization)='
    loop
      begin
        execute format('alter role %I reset %I', p_login, v_setting);
      exception when insufficient_privilege then
        null;  -- a superuser set it
      end;
    end loop;
  exception when query_canceled or others then
    get stacked diagnostics v_state = returned_sqlstate;
    raise exception 'the login could not be given the verifier' using errcode = v_state;
  end;
end
$$;
