-- Where destructive changes keep what they would have destroyed. Nobody may look into it. jit_owner
-- makes a schema for each step that runs as the owner of a table, and renames schemas that are
-- dropped: for both it needs CREATE on the database.
do $$
begin
  if not pg_catalog.pg_has_role(current_user, 'jit_owner', 'member') then
    execute format('grant jit_owner to %I', current_user);
  end if;
  if not exists (select from pg_catalog.pg_namespace where nspname = 'jit_quarantine') then
    create schema jit_quarantine authorization jit_owner;
  end if;
  if (select nspowner::regrole::text from pg_catalog.pg_namespace where nspname = 'jit_quarantine')
     <> 'jit_owner' then
    raise exception 'a schema jit_quarantine exists that does not belong to jit_owner'
      using errcode = 'JT005';
  end if;
  revoke all on schema jit_quarantine from public;
  execute format('grant create on database %I to jit_owner', current_database());
end
$$;
