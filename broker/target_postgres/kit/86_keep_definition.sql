-- What is nothing but its definition is recorded and dropped: indexes, constraints, triggers, rules
-- and policies. The steps run as the owner of the table where its code could run.

create function jit.owner_of(p_rel oid) returns oid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$ select c.relowner from pg_class c where c.oid = p_rel $$;

-- Records one such thing of a table and drops it.
create function jit.keep_by_definition(
  p_loss text, p_rel oid, p_name text, p_definition text, p_undo jsonb, p_comment text,
  p_drop text, p_class text, p_object oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('%s %I of %s', p_loss, p_name, p_rel::regclass);
  v_seq constant bigint := nextval('jit.step_seq');
  v_undo jsonb := p_undo;
begin
  if p_comment is not null then
    v_undo := v_undo || jit.step(
      case when p_loss = 'index'
        then jit.literally(format('comment on index %I.%I is %L',
               (select c.relnamespace::regnamespace::name from pg_class c where c.oid = p_rel),
               p_name, p_comment))
        else jit.literally(format('comment on %s %I on ', p_loss, p_name)) || '%1$s'
             || jit.literally(format(' is %L', p_comment)) end,
      'pg_class', array[p_rel]);
  end if;
  perform jit.note_kept(v_seq, p_loss, v_what, p_class, p_object, jit.owner_of(p_rel),
    (select c.relnamespace::regnamespace::name from pg_class c where c.oid = p_rel),
    (select c.relname from pg_class c where c.oid = p_rel), p_name, null, null, p_definition,
    v_undo, jsonb_build_object('table', p_rel));
  execute p_drop;
  return format('%s recorded under %s and dropped', v_what, v_seq);
end
$$;

create function jit.keep_index(p_index oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index record;
  v_definition text := pg_get_indexdef(p_index);
  v_undo jsonb;
begin
  select x.indrelid, x.indisclustered, x.indisreplident, c.relname, c.relkind,
         c.relnamespace::regnamespace as nsp
  into v_index
  from pg_index x join pg_class c on c.oid = x.indexrelid where x.indexrelid = p_index;
  perform jit.refuse_as_postgres(format('drop index %s', p_index::regclass), 'pg_class',
                                 array[p_index]);
  if v_index.relkind = 'I' then
    v_definition := replace(v_definition, format(' ON ONLY %s ', v_index.indrelid::regclass),
                            format(' ON %s ', v_index.indrelid::regclass));
  end if;
  -- Named by the table it is on, which may have another name by then.
  v_undo := jsonb_build_array(jit.step(
    replace(jit.literally(v_definition),
            format(' ON %s ', jit.literally(v_index.indrelid::regclass::text)), ' ON %1$s '),
    'pg_class', array[v_index.indrelid]));
  if v_index.indisclustered then
    v_undo := v_undo || jit.step(
      'alter table %1$s cluster on ' || jit.literally(quote_ident(v_index.relname)), 'pg_class',
      array[v_index.indrelid]);
  end if;
  if v_index.indisreplident then
    v_undo := v_undo || jit.step(
      'alter table %1$s replica identity using index '
      || jit.literally(quote_ident(v_index.relname)), 'pg_class', array[v_index.indrelid]);
  end if;
  return jit.keep_by_definition('index', v_index.indrelid, v_index.relname, v_definition, v_undo,
    obj_description(p_index, 'pg_class'), format('drop index %s', p_index::regclass), 'pg_class',
    p_index);
end
$$;

-- With CASCADE the foreign keys that stand on a key are kept too.
create function jit.keep_constraint(p_constraint oid, p_cascade boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_constraint record;
  v_key oid;
  v_also text := '';
  v_drop text;
begin
  select k.* into v_constraint from pg_constraint k where k.oid = p_constraint;
  if v_constraint.conrelid = 0 then
    raise exception 'a constraint of a domain cannot be kept' using errcode = 'JT020';
  end if;
  if p_cascade and v_constraint.contype in ('p', 'u') then
    for v_key in
      select k.oid from pg_constraint k
      where k.contype = 'f' and k.conindid = v_constraint.conindid and k.conparentid = 0
        and k.confrelid = v_constraint.conrelid
    loop
      v_also := v_also || '; ' || jit.keep_constraint(v_key, false);
    end loop;
  end if;
  v_drop := format('alter table %s drop constraint %I', v_constraint.conrelid::regclass,
                   v_constraint.conname);
  perform jit.refuse_as_postgres(v_drop, 'pg_constraint', array[p_constraint]);
  -- DROP CONSTRAINT leaves a primary key's columns NOT NULL, so there is nothing more to it.
  return jit.keep_by_definition('constraint', v_constraint.conrelid, v_constraint.conname,
    pg_get_constraintdef(p_constraint), jsonb_build_array(jit.step_for_constraint(p_constraint)),
    obj_description(p_constraint, 'pg_constraint'), v_drop, 'pg_constraint', p_constraint)
    || v_also;
end
$$;

create function jit.keep_trigger(p_trigger oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_trigger record;
  v_undo jsonb;
  v_drop text;
begin
  select t.* into v_trigger from pg_trigger t where t.oid = p_trigger;
  v_drop := format('drop trigger %I on %s', v_trigger.tgname, v_trigger.tgrelid::regclass);
  perform jit.refuse_as_postgres(v_drop, 'pg_trigger', array[p_trigger]);
  v_undo := jsonb_build_array(jit.step(
    replace(jit.literally(pg_get_triggerdef(p_trigger)),
            format(' ON %s ', jit.literally(v_trigger.tgrelid::regclass::text)), ' ON %1$s '),
    'pg_class', array[v_trigger.tgrelid]));
  if v_trigger.tgenabled <> 'O' then
    v_undo := v_undo || jit.step(
      format('alter table %%1$s %s trigger ', case v_trigger.tgenabled when 'D' then 'disable'
               when 'R' then 'enable replica' else 'enable always' end)
      || jit.literally(quote_ident(v_trigger.tgname)), 'pg_class', array[v_trigger.tgrelid]);
  end if;
  return jit.keep_by_definition('trigger', v_trigger.tgrelid, v_trigger.tgname,
    pg_get_triggerdef(p_trigger), v_undo, obj_description(p_trigger, 'pg_trigger'), v_drop,
    'pg_trigger', p_trigger);
end
$$;

create function jit.keep_rule(p_rule oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule record;
  v_undo jsonb;
  v_drop text;
begin
  select r.* into v_rule from pg_rewrite r where r.oid = p_rule;
  v_drop := format('drop rule %I on %s', v_rule.rulename, v_rule.ev_class::regclass);
  perform jit.refuse_as_postgres(v_drop, 'pg_rewrite', array[p_rule]);
  v_undo := jsonb_build_array(jit.step(pg_get_ruledef(p_rule)));
  if v_rule.ev_enabled <> 'O' then
    v_undo := v_undo || jit.step(
      format('alter table %%1$s %s rule ', case v_rule.ev_enabled when 'D' then 'disable'
               when 'R' then 'enable replica' else 'enable always' end)
      || jit.literally(quote_ident(v_rule.rulename)), 'pg_class', array[v_rule.ev_class]);
  end if;
  return jit.keep_by_definition('rule', v_rule.ev_class, v_rule.rulename, pg_get_ruledef(p_rule),
    v_undo, obj_description(p_rule, 'pg_rewrite'), v_drop, 'pg_rewrite', p_rule);
end
$$;

create function jit.keep_policy(p_policy oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_policy record;
  v_clauses text;
  v_drop text;
begin
  select p.* into v_policy from pg_policy p where p.oid = p_policy;
  v_clauses := format(' as %s for %s to %s%s%s',
    case when v_policy.polpermissive then 'permissive' else 'restrictive' end,
    case v_policy.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
      when 'd' then 'delete' else 'all' end,
    (select string_agg(case r when 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ')
     from unnest(v_policy.polroles) r),
    ' using (' || pg_get_expr(v_policy.polqual, v_policy.polrelid) || ')',
    ' with check (' || pg_get_expr(v_policy.polwithcheck, v_policy.polrelid) || ')');
  v_drop := format('drop policy %I on %s', v_policy.polname, v_policy.polrelid::regclass);
  perform jit.refuse_as_postgres(v_drop, 'pg_policy', array[p_policy]);
  return jit.keep_by_definition('policy', v_policy.polrelid, v_policy.polname,
    format('create policy %I on %s%s', v_policy.polname, v_policy.polrelid::regclass, v_clauses),
    jsonb_build_array(jit.step(
      'create policy ' || jit.literally(quote_ident(v_policy.polname)) || ' on %1$s'
      || jit.literally(v_clauses), 'pg_class', array[v_policy.polrelid])),
    obj_description(p_policy, 'pg_policy'), v_drop, 'pg_policy', p_policy);
end
$$;
