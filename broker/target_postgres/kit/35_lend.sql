-- Makes the caller a member of a login, so that it can say SET ROLE. Whoever calls this has looked
-- at what login it is, and sees to it that it is given back.
create function jit.hand_to_caller(p_login text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('server_version_num')::int >= 160000 then
    execute format('grant %I to %I with admin false, inherit false, set true',
                   p_login, session_user);
  else
    execute format('grant %I to %I', p_login, session_user);
  end if;
end
$$;

-- Lends a login of ours to the caller, so that SET ROLE can finish what only the login itself may
-- finish: its prepared transactions, and what it owns in databases that have no kit. Only a login
-- that belongs to no group any more is lent: it can do nothing but clear up after itself.
create function jit.lend(p_login text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if not exists (select from jit.ours o where o.login = p_login and not o.has_powers) then
    raise exception 'only a login of ours is lent' using errcode = 'JT003';
  end if;
  if exists (select from pg_catalog.pg_auth_members m join jit.ours o on o.oid = m.member
             where o.login = p_login) then
    raise exception 'only a login without any membership is lent' using errcode = 'JT005';
  end if;
  perform jit.hand_to_caller(p_login);
end
$$;

create function jit.take_back(p_login text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if exists (select from jit.ours o where o.login = p_login) then
    execute format('revoke %I from %I', p_login, session_user);
  end if;
end
$$;
