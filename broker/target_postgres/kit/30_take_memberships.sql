-- The first step of off, for many logins at once: every membership is taken, so that whatever they
-- still run has no privilege left. It touches pg_auth_members only, which no holder can lock.
-- Answers one row per login; `why` names what could not be taken.
create function jit.take_memberships(p_logins text[])
returns table (login text, standing text, taken int, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_login text;
  v_oid oid;
  v_edge record;
begin
  if pg_is_in_recovery() then
    raise exception 'this server is a standby' using errcode = '25006';
  end if;
  foreach v_login in array p_logins loop
    login := v_login;
    standing := jit.standing(v_login);
    taken := 0;
    why := null;
    if standing = 'ours' then
      select r.oid into v_oid from pg_catalog.pg_roles r where r.rolname = v_login;
      for v_edge in
        select g.rolname as given, m.rolname as member_name, b.rolname as grantor
        from pg_catalog.pg_auth_members a
        join pg_catalog.pg_roles g on g.oid = a.roleid
        join pg_catalog.pg_roles m on m.oid = a.member
        left join pg_catalog.pg_roles b on b.oid = a.grantor
        where (a.member = v_oid or a.roleid = v_oid) and m.rolname <> 'jit_owner'
      loop
        begin
          -- From 16 on a membership belongs to who gave it, and only theirs is taken.
          execute format('revoke %I from %I', v_edge.given, v_edge.member_name)
            || case when current_setting('server_version_num')::int >= 160000
                    then format(' granted by %I', v_edge.grantor) else '' end || ' cascade';
          taken := taken + 1;
        exception when others then
          why := concat_ws('; ', why,
                           format('membership in %I: SQLSTATE %s', v_edge.given, sqlstate));
        end;
      end loop;
    end if;
    return next;
  end loop;
end
$$;
