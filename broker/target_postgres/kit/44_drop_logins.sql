-- The last step: the role itself. Only a login of ours that is off is dropped; one that something
-- still depends on stays, with the reason. Whoever was still connected under it is ended.
create function jit.drop_logins(p_logins text[])
returns table (login text, outcome text, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '250ms'
as $$
declare
  v_login text;
  v_oid oid;
begin
  foreach v_login in array p_logins loop
    login := v_login;
    outcome := 'dropped';
    why := null;
    select o.oid into v_oid from jit.ours o
    where o.login = v_login and not o.rolcanlogin and o.rolvaliduntil = '-infinity'
      and not exists (select from pg_catalog.pg_stat_activity a where a.usesysid = o.oid);
    if not found then
      if jit.standing(v_login) = 'absent' then
        delete from jit.issued i where i.login = v_login;
        perform jit.forget_guard(v_login);
        outcome := 'absent';
      else
        outcome := 'refused';
        why := 'it is not ours or not off';
      end if;
    else
      begin
        execute format('drop role %I', v_login);
        delete from jit.issued i where i.login = v_login;
        perform jit.forget_guard(v_login);
        perform pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a
        where a.usesysid = v_oid;
      exception
        when lock_not_available then
          outcome := 'stuck';
          why := 'somebody holds a lock on the role';
          -- The ones after it shall not wait as long.
          perform set_config('lock_timeout', '5', true);
        when dependent_objects_still_exist then
          outcome := 'depends';
          why := (select string_agg(distinct format('%s in %s',
                           case s.deptype when 'o' then 'owned objects' else 'granted rights' end,
                           coalesce('database ' || d.datname, 'what all databases share')), ', ')
                  from pg_catalog.pg_shdepend s
                  left join pg_catalog.pg_database d on d.oid = s.dbid
                  where s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
                    and s.refobjid = v_oid);
        when others then
          outcome := 'stuck';
          why := format('the role cannot be dropped: SQLSTATE %s', sqlstate);
      end;
    end if;
    return next;
  end loop;
end
$$;
