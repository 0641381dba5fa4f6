-- The roles that the policy of `jit-broker dev` speaks of, made when they are missing. The two
-- groups are given what their names say on everything that is in this database and on what its
-- administrator or app_owner makes later. app_owner may make tables and owns those that it made;
-- nothing that is here already changes hands. A database with roles of its own is used with a
-- policy of its own (--policy).
do $$
declare
  place text;
begin
  if to_regrole('app_reader') is null then
    create role app_reader nologin;
  end if;
  if to_regrole('app_writer') is null then
    create role app_writer nologin;
  end if;
  if to_regrole('app_owner') is null then
    create role app_owner nologin;
  end if;
  execute format('grant connect on database %I to app_reader, app_writer, app_owner',
                 current_database());
  for place in
    select nspname from pg_namespace
     where nspname !~ '^pg_' and nspname not in ('information_schema', 'jit')
  loop
    execute format('grant usage on schema %I to app_reader, app_writer', place);
    execute format('grant select on all tables in schema %I to app_reader, app_writer', place);
    execute format('grant insert, update, delete on all tables in schema %I to app_writer', place);
    execute format('grant usage on all sequences in schema %I to app_writer', place);
    execute format('grant usage, create on schema %I to app_owner', place);
  end loop;
  alter default privileges grant usage on schemas to app_reader, app_writer;
  alter default privileges grant select on tables to app_reader, app_writer;
  alter default privileges grant insert, update, delete on tables to app_writer;
  alter default privileges grant usage on sequences to app_writer;
  if pg_has_role('app_owner', 'member') then
    alter default privileges for role app_owner grant usage on schemas to app_reader, app_writer;
    alter default privileges for role app_owner grant select on tables to app_reader, app_writer;
    alter default privileges for role app_owner
      grant insert, update, delete on tables to app_writer;
    alter default privileges for role app_owner grant usage on sequences to app_writer;
  end if;
end
$$;
