-- What a decision to open needs to know about this server. Instants are microseconds since 1970
-- UTC.
create function jit.measure()
returns table (
  system_identifier text, kit_version int, in_recovery boolean, read_only_by_default boolean,
  now_us bigint, server_start_us bigint, database text, server_version int)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select (select c.system_identifier::text from pg_catalog.pg_control_system() c),
         (select max(k.version) from jit.kit k),
         pg_catalog.pg_is_in_recovery(),
         -- As configured: the broker's closing connections set it aside for themselves.
         (select s.reset_val = 'on' from pg_catalog.pg_settings s
          where s.name = 'default_transaction_read_only'),
         (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint,
         (extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint,
         pg_catalog.current_database()::text,
         pg_catalog.current_setting('server_version_num')::int
$$;
