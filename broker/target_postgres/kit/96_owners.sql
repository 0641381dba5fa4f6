-- The roles whose tables may be guarded: jit_owner joins each, because only owners put triggers on
-- a table and take them off. The list given replaces the one before; no list leaves it as it is.
do $$
declare
  v_owners constant text[] := current_setting('jit.owners')::text[];
  v_owner text;
  v_danger text;
begin
  if cardinality(v_owners) = 0 then
    return;
  end if;
  for v_owner in
    select g.name from jit.guarded_owner g join pg_catalog.pg_roles r on r.rolname = g.name
    where g.name <> all (v_owners)
  loop
    execute format('revoke %I from jit_owner', v_owner);
  end loop;
  delete from jit.guarded_owner where name <> all (v_owners);
  foreach v_owner in array v_owners loop
    v_danger := jit.dangers_of_owner(v_owner);
    if v_danger is not null then
      raise exception 'the tables of % cannot be guarded: %', v_owner, v_danger
        using errcode = 'JT004';
    end if;
    if current_setting('server_version_num')::int >= 160000 then
      execute format('grant %I to jit_owner with inherit true, set true', v_owner);
    else
      execute format('grant %I to jit_owner', v_owner);
    end if;
    insert into jit.guarded_owner (name) values (v_owner) on conflict do nothing;
  end loop;
end
$$;
