-- The second step of off: nobody logs in any more. Each login is a step of its own that waits no
-- longer than p_wait_ms for a holder who keeps the row locked; the others are not held up by it.
create function jit.bar(p_logins text[], p_wait_ms int)
returns table (login text, barred boolean, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_login text;
begin
  perform set_config('lock_timeout', greatest(p_wait_ms, 1)::text, true);
  foreach v_login in array p_logins loop
    login := v_login;
    why := null;
    select not o.rolcanlogin and o.rolvaliduntil = '-infinity' into barred
    from jit.ours o where o.login = v_login;
    if not found then
      barred := false;
      why := 'not ours any more';
    elsif not barred then
      begin
        execute format('alter role %I nologin password null connection limit 0'
                       ' valid until ''-infinity''', v_login);
        barred := true;
      exception
        when lock_not_available then
          why := 'the holder or somebody else keeps the role locked';
        when others then
          why := format('the role cannot be altered: SQLSTATE %s', sqlstate);
      end;
    end if;
    return next;
  end loop;
end
$$;
