-- Three roles. jit_owner owns the schema and nobody can log in as it; the broker's login may call
-- the functions of the schema and nothing else; jit_runner may call the few that a login calls
-- which runs a change, and is given to such a login for as long as it lives.
--
-- jit_owner is no superuser. It has CREATEROLE, because it makes and drops the logins, and
-- pg_signal_backend, because it ends their sessions. Up to PostgreSQL 15 CREATEROLE reaches every
-- role that is not a superuser; that is why it sits behind functions that check what they are
-- asked.
do $$
declare
  v_broker constant text := current_setting('jit.broker');
  v_role record;
begin
  if v_broker !~ '^[a-z_][a-z0-9_]{0,62}$' or v_broker ~ '^(pg_|jit_(owner|runner)$)' then
    raise exception 'the name of the broker''s login must be 1 to 63 of [a-z0-9_]'
      using errcode = 'JT001';
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'jit_owner') then
    create role jit_owner nologin createrole;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'jit_runner') then
    create role jit_runner nologin;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = v_broker) then
    execute format('create role %I login noinherit', v_broker);
  end if;

  -- What was there before must be what we would have made.
  select * into strict v_role from pg_catalog.pg_roles where rolname = 'jit_owner';
  if v_role.rolcanlogin or v_role.rolsuper or v_role.rolcreatedb or v_role.rolreplication
     or v_role.rolbypassrls or not v_role.rolcreaterole then
    raise exception 'a role jit_owner exists that is not NOLOGIN CREATEROLE and nothing more'
      using errcode = 'JT005';
  end if;
  select * into strict v_role from pg_catalog.pg_roles where rolname = 'jit_runner';
  if v_role.rolcanlogin or v_role.rolsuper or v_role.rolcreatedb or v_role.rolreplication
     or v_role.rolbypassrls or v_role.rolcreaterole
     or exists (select from pg_catalog.pg_auth_members m where m.member = v_role.oid) then
    raise exception 'a role jit_runner exists that is not NOLOGIN and nothing more'
      using errcode = 'JT005';
  end if;
  select * into strict v_role from pg_catalog.pg_roles where rolname = v_broker;
  if v_role.rolsuper or v_role.rolcreaterole or v_role.rolcreatedb or v_role.rolreplication
     or v_role.rolbypassrls or not v_role.rolcanlogin then
    raise exception 'the broker''s login exists and has powers it must not have'
      using errcode = 'JT005';
  end if;

  execute format('alter role %I noinherit', v_broker);
  if not pg_catalog.pg_has_role('jit_owner', 'pg_signal_backend', 'usage') then
    grant pg_signal_backend to jit_owner;
  end if;
  -- From 16 on a role is given by those who hold its ADMIN option.
  if current_setting('server_version_num')::int >= 160000 then
    grant jit_runner to jit_owner with admin option;
  end if;
  -- From 18 on a connection that is still logging in is shown to pg_read_all_stats only.
  if current_setting('server_version_num')::int >= 180000
     and not pg_catalog.pg_has_role('jit_owner', 'pg_read_all_stats', 'usage') then
    grant pg_read_all_stats to jit_owner;
  end if;
  execute format('grant connect on database %I to %I', current_database(), v_broker);

  -- The broker binds verifiers as parameters. Keep those out of the server log whatever it logs.
  -- Only a superuser may say so; jit-broker target doctor tells when it was not said.
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    execute format('alter role %I set log_parameter_max_length = 0', v_broker);
    execute format('alter role %I set log_error_verbosity = terse', v_broker);
  end if;
end
$$;
