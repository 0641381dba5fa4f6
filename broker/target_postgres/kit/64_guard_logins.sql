-- Sets the ceilings of a login and the tables it needs guarded, before the login is opened, or
-- narrows them later. Ceilings that are null are none. What was used stays used.
create function jit.set_guard(
  p_login text, p_purpose text, p_statement_rows_max bigint, p_session_rows_max bigint,
  p_share_max float8, p_share_floor bigint, p_valid_until_us bigint, p_change text,
  p_rels oid[], p_allow_keyless text[] default '{}') returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_login is null or p_login !~ '^jit_[a-z2-7]{26}$' or p_valid_until_us is null
     or (p_purpose = 'execution') <> (p_change is not null and p_purpose = 'execution')
     or length(p_change) > 200 then
    raise exception 'the guard is malformed' using errcode = 'JT001';
  end if;
  if jit.standing(p_login) not in ('absent', 'ours') then
    raise exception 'a role with the name of this login exists that is not ours'
      using errcode = 'JT003';
  end if;
  insert into jit.guard as g (
    login, purpose, statement_rows_max, session_rows_max, share_max, share_floor, valid_until,
    change, allow_keyless)
  values (p_login, p_purpose, p_statement_rows_max, p_session_rows_max, p_share_max,
          coalesce(p_share_floor, 0),
          timestamptz '1970-01-01 00:00:00+00' + p_valid_until_us * interval '1 microsecond',
          p_change, coalesce(p_allow_keyless, '{}'))
  on conflict (login) do update set
    purpose = excluded.purpose, statement_rows_max = excluded.statement_rows_max,
    session_rows_max = excluded.session_rows_max, share_max = excluded.share_max,
    share_floor = excluded.share_floor, valid_until = excluded.valid_until,
    change = excluded.change, allow_keyless = excluded.allow_keyless;
  delete from jit.guard_need n where n.login = p_login and n.rel <> all (p_rels);
  insert into jit.guard_need (login, rel) select p_login, r from unnest(p_rels) r
  on conflict do nothing;
end
$$;

-- Removes what belongs to a login that is gone; its recorded steps stay.
create function jit.forget_guard(p_login text) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from jit.guard g where g.login = p_login;
  delete from jit.guard_use u where u.login = p_login;
  delete from jit.guard_need n where n.login = p_login;
  delete from jit.undo_permit u where u.login = p_login;
$$;

-- The same for every login that never was opened or is gone; answers how many.
create function jit.clear_guards() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_login name;
  v_cleared int := 0;
begin
  for v_login in
    select g.login from jit.guard g
    where not exists (select from jit.issued i where i.login = g.login)
      and g.made_time < clock_timestamp() - interval '5 minutes'
  loop
    perform jit.forget_guard(v_login);
    v_cleared := v_cleared + 1;
  end loop;
  return v_cleared;
end
$$;

-- Lets a login of ours call what runs a change. Closing takes it with the other memberships.
create function jit.enlist_runner(p_login text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if jit.standing(p_login) <> 'ours'
     or not exists (select from jit.ours o where o.login = p_login and o.rolcanlogin)
     or not exists (select from jit.guard g
                    where g.login = p_login and g.purpose in ('rehearsal', 'execution')) then
    raise exception 'only a login of ours that is to run a change is enlisted'
      using errcode = 'JT003';
  end if;
  if current_setting('server_version_num')::int >= 160000 then
    execute format('grant jit_runner to %I with admin false, inherit true, set false', p_login);
  else
    execute format('grant jit_runner to %I', p_login);
  end if;
end
$$;

-- Lets a login take back the steps of another (or of one that is long gone).
create function jit.permit_undo(
  p_login text, p_source_login text, p_since timestamptz, p_tables text[], p_on_conflict text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_login is null or p_login !~ '^jit_[a-z2-7]{26}$' or p_login = p_source_login
     or p_source_login is null or p_source_login !~ '^jit_[a-z2-7]{26}$'
     or coalesce(p_on_conflict, 'refuse') not in ('refuse', 'skip', 'overwrite') then
    raise exception 'the undo is malformed' using errcode = 'JT001';
  end if;
  insert into jit.undo_permit as u (login, source_login, since, tables, on_conflict)
  values (p_login, p_source_login, coalesce(p_since, '-infinity'), coalesce(p_tables, '{}'),
          coalesce(p_on_conflict, 'refuse'))
  on conflict (login) do update set
    source_login = excluded.source_login, since = excluded.since, tables = excluded.tables,
    on_conflict = excluded.on_conflict;
end
$$;
