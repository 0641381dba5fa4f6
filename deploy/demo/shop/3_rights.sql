-- What the database's owner decides once: which groups exist and what they may touch. jit-access
-- puts its short-lived logins into these groups and can give nobody more than a group has.

create role shop_reader nologin;
create role shop_writer nologin;

-- Out of the box everybody may connect to every database and make temporary tables in it.
select format('revoke connect, temporary on database %I from public', current_database()) \gexec
select format('grant connect on database %I to shop_reader, shop_writer, shop_owner',
              current_database()) \gexec

grant usage on schema shop to shop_reader, shop_writer;
grant select on all tables in schema shop to shop_reader, shop_writer;
grant insert, update, delete on all tables in schema shop to shop_writer;
alter default privileges for role shop_owner in schema shop grant select on tables to shop_reader;
alter default privileges for role shop_owner in schema shop
  grant select, insert, update, delete on tables to shop_writer;
