-- The groups the DBA allows: the list given replaces the one before; no list leaves it as it is.
do $$
declare
  v_groups constant text[] := current_setting('jit.groups')::text[];
  v_ttl_max constant text := current_setting('jit.ttl_max');
  v_group text;
  v_danger text;
begin
  if cardinality(v_groups) > 0 then
    delete from jit.allowed_group where name <> all (v_groups);
    foreach v_group in array v_groups loop
      v_danger := jit.dangers_of_group(v_group);
      if v_danger is not null then
        raise exception 'the group % cannot be allowed: %', v_group, v_danger
          using errcode = 'JT004';
      end if;
      insert into jit.allowed_group (name) values (v_group) on conflict do nothing;
      -- From 16 on a group is given by those who hold its ADMIN option, and by nobody else.
      if current_setting('server_version_num')::int >= 160000 then
        execute format('grant %I to jit_owner with admin true, inherit false, set false', v_group);
      end if;
    end loop;
  end if;
  if v_ttl_max <> '' then
    update jit.limits set ttl_max = v_ttl_max::interval;
  end if;
end
$$;
