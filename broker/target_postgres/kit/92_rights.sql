-- Nobody may call anything in the schema, except the broker's login and those that run a change
-- what they need.
do $$
declare
  v_broker constant text := current_setting('jit.broker');
  v_verbs constant text[] := array[
    'measure', 'open_login', 'take_memberships', 'bar', 'end_sessions', 'prepared', 'lend',
    'take_back', 'belongings', 'clear', 'drop_logins', 'inspect', 'allowed_groups',
    'guard_tables', 'guard_attach', 'guard_detach', 'guard_leftovers', 'guard_missing', 'set_guard',
    'clear_guards', 'enlist_runner', 'execution_state', 'permit_undo', 'list_changes',
    'list_images', 'forget_images', 'schema_fingerprint', 'make_restore_point', 'unguardable',
    'list_kept', 'kept_usage', 'permit_drop', 'act_as', 'residue_of', 'forget_looks'];
  v_runner_verbs constant text[] := array[
    'begin_execution', 'my_row_changes', 'my_samples', 'run_effects', 'undo_doubts', 'undo',
    'schema_fingerprint', 'keep', 'keep_rows_together', 'note_created', 'drop_for_good'];
  v_name name;
  v_function regprocedure;
begin
  for v_function, v_name in
    select p.oid, p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'jit'::regnamespace and p.proowner = 'jit_owner'::regrole
  loop
    execute format('revoke all on function %s from public', v_function);
    if v_name = any (v_runner_verbs) then
      execute format('grant execute on function %s to jit_runner', v_function);
    end if;
    if v_name = any (v_verbs) then
      execute format('grant execute on function %s to %I', v_function, v_broker);
    end if;
  end loop;
  execute format('grant usage on schema jit to jit_runner, %I', v_broker);
end
$$;
