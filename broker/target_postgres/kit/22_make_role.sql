-- Creates the role. Its end is there from its first instant, in UTC.
--
-- Whatever goes wrong is raised again without its context, because the context would carry the
-- statement, and with it the verifier, into the server log.
create function jit.make_role(
  p_login text, p_groups text[], p_connection_limit int, p_valid_until timestamptz, p_marker text,
  p_verifier text, p_acts_as text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
declare
  v_groups constant text := (select string_agg(quote_ident(g), ', ') from unnest(p_groups) g);
  v_state text;
begin
  begin
    -- Plain CREATE: a role that is there already is an error and never adopted.
    execute format('create role %I login inherit nosuperuser nocreatedb nocreaterole noreplication'
                   ' nobypassrls connection limit %s valid until %L password %L',
                   p_login, p_connection_limit, p_valid_until, p_verifier);
    if current_setting('server_version_num')::int >= 160000 then
      execute format('grant %s to %I with admin false, inherit true, set false', v_groups, p_login);
      if p_acts_as is not null then
        execute format('grant %I to %I with set true', p_acts_as, p_login);
      end if;
    else
      execute format('grant %s to %I', v_groups, p_login);
    end if;
    execute format('comment on role %I is %L', p_login, p_marker);
  exception when query_canceled or others then
    get stacked diagnostics v_state = returned_sqlstate;
    raise exception 'the role could not be made' using errcode = v_state;
  end;
end
$$;
