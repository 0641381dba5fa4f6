-- Makes the login of one lease, or gives it a new verifier.
--
-- A login of ours with exactly these attributes is given the verifier; one with others, or one that
-- is off, is refused: an end is never moved and nothing closed is opened again. A role that is not
-- ours is refused and not touched. One that is to act as an owner has to be followed by jit.act_as,
-- in the same transaction.
-- JT001 malformed, JT002 another cluster, JT003 not ours, JT004 group not allowed, JT005 other
-- attributes, JT006 end out of range, JT007 a limit of the DBA, JT008 it could not be made.
create function jit.open_login(
  p_system_identifier text, p_login text, p_person text, p_groups text[], p_connection_limit int,
  p_valid_until_us bigint, p_statement_timeout_ms int, p_lock_timeout_ms int,
  p_idle_in_transaction_ms int, p_writes boolean, p_verifier text, p_acts_as text default null)
returns table (outcome text, now_us bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_until timestamptz;
  v_marker text;
  v_outcome text;
begin
  v_until := jit.check_order(p_system_identifier, p_login, p_person, p_groups, p_connection_limit,
                             p_valid_until_us, p_verifier, p_acts_as);
  case jit.standing(p_login)
    when 'absent' then
      delete from jit.issued where login = p_login;
      if (select count(*) from jit.issued) >= (select logins_max from jit.limits) then
        raise exception 'the DBA allows no more logins at a time' using errcode = 'JT007';
      end if;
      v_marker := format('jit-access login; lease %s; person %s; database %s',
                         substr(p_login, 5), p_person, current_database());
      perform jit.make_role(p_login, p_groups, p_connection_limit, v_until, v_marker, p_verifier,
                            p_acts_as);
      insert into jit.issued (login, person, groups, connection_limit, valid_until, marker)
      values (p_login, p_person, p_groups, p_connection_limit, v_until, v_marker);
      v_outcome := 'opened';
    when 'ours' then
      perform jit.rekey_role(p_login, p_person, p_groups, p_connection_limit, v_until, p_verifier);
      v_outcome := 'rekeyed';
    else
      raise exception 'a role with the name of this login exists that is not ours'
        using errcode = 'JT003';
  end case;
  perform jit.look_before(p_login, p_acts_as, v_outcome);

  execute format('alter role %I set statement_timeout = %L', p_login, p_statement_timeout_ms);
  execute format('alter role %I set lock_timeout = %L', p_login, p_lock_timeout_ms);
  execute format('alter role %I set idle_in_transaction_session_timeout = %L', p_login,
                 p_idle_in_transaction_ms);
  if not p_writes then
    execute format('alter role %I set default_transaction_read_only = on', p_login);
  end if;

  -- Read back, in the same transaction: an end that is not there is no login.
  if not exists (select from jit.ours o
                 where o.login = p_login and o.rolcanlogin and o.rolvaliduntil = v_until
                   and isfinite(o.rolvaliduntil) and o.rolconnlimit = p_connection_limit
                   and not o.has_powers) then
    raise exception 'the role did not come out as ordered' using errcode = 'JT008';
  end if;
  return query select v_outcome, (extract(epoch from v_now) * 1000000)::bigint;
end
$$;
