-- Nobody may call anything in the schema, except the broker's login what it needs.
do $$
declare
  v_broker constant text := current_setting('jit.broker');
  v_verbs constant text[] := array[
    'measure', 'open_login', 'take_memberships', 'bar', 'end_sessions', 'prepared', 'lend',
    'take_back', 'belongings', 'clear', 'drop_logins', 'inspect', 'allowed_groups'];
  v_name name;
  v_function regprocedure;
begin
  for v_function, v_name in
    select p.oid, p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'jit'::regnamespace and p.proowner = 'jit_owner'::regrole
  loop
    execute format('revoke all on function %s from public', v_function);
    if v_name = any (v_verbs) then
      execute format('grant execute on function %s to %I', v_function, v_broker);
    end if;
  end loop;
  execute format('grant usage on schema jit to %I', v_broker);
end
$$;
