-- Keeps what one statement of a change is about to destroy, in its place: a DROP or a TRUNCATE is
-- done by this, in so far as it is done. Answers a sentence; nothing was kept when it begins with
-- `nothing`. The caller is a login that runs a change and a member of the role that owns the thing.
-- `p_search_path` is the caller's, `p_role` the role it works as otherwise; the last two name what
-- the same statement destroys besides.
-- 42501 not the owner, 2BP01 others depend on it, 0A000 TRUNCATE of a referenced table, 42P01,
-- 42704, 42703, 42883, 3F000 not there, 42809 another kind: all as PostgreSQL.
-- JT003 no such login, JT020 it cannot be kept.
create function jit.keep(
  p_loss text, p_schema text, p_name text, p_part text, p_has_arguments boolean,
  p_if_exists boolean, p_cascade boolean, p_restart_identity boolean, p_search_path text,
  p_role text default '', p_beside_schemas text[] default '{}',
  p_beside_names text[] default '{}') returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_loss constant text := replace(p_loss, ' ', '_');
  v_object oid;
  v_part oid;
  v_owner oid;
  v_nsp oid;
  v_temporary boolean := false;
  v_beside oid[];
  v_what text;
begin
  perform jit.runner();
  perform jit.act_for(p_role);
  if v_loss not in ('table', 'view', 'materialized_view', 'function', 'schema', 'sequence', 'type',
                    'index', 'trigger', 'constraint', 'policy', 'rule', 'column', 'column_type',
                    'rows') then
    raise exception 'nothing of the kind "%" can be kept', p_loss using errcode = 'JT020';
  end if;
  v_object := jit.find_lost(v_loss, p_schema, p_name, p_part, p_has_arguments, p_search_path);
  if v_object is not null and v_loss in ('trigger', 'constraint', 'policy', 'rule', 'column',
                                         'column_type') then
    v_part := jit.find_part(v_loss, v_object, p_part);
  end if;
  if v_object is null or v_part is null and v_loss in ('trigger', 'constraint', 'policy', 'rule',
                                                       'column', 'column_type') then
    if p_if_exists then
      raise notice '% "%" does not exist, skipping', p_loss,
        concat_ws('.', nullif(p_schema, ''), p_name, nullif(p_part, ''));
      return format('nothing to keep: %s %s does not exist', p_loss,
                    concat_ws('.', nullif(p_schema, ''), p_name, nullif(p_part, '')));
    end if;
    perform jit.raise_missing(v_loss, p_schema, p_name, p_part, v_object is not null);
  end if;

  if v_loss = 'function' then
    select p.proowner, p.pronamespace into v_owner, v_nsp from pg_proc p where p.oid = v_object;
    v_what := format('function %s', p_name);
  elsif v_loss = 'type' then
    select t.typowner, t.typnamespace into v_owner, v_nsp from pg_type t where t.oid = v_object;
    v_what := format('type %s', p_name);
  elsif v_loss = 'schema' then
    select n.nspowner into v_owner from pg_namespace n where n.oid = v_object;
    v_what := format('schema %s', p_name);
  else
    -- The owner of a schema may drop a relation in it; a part of a table its owner alone.
    select c.relowner,
           case when v_loss in ('table', 'view', 'materialized_view', 'sequence', 'index')
             then c.relnamespace end,
           c.relpersistence = 't'
    into v_owner, v_nsp, v_temporary
    from pg_class c where c.oid = v_object;
    v_what := format('%s %s', jit.word_of('pg_class', v_object), p_name);
  end if;
  if v_temporary then
    return jit.drop_temporary(v_loss, v_object, p_part, p_cascade, p_restart_identity);
  end if;
  if v_loss <> 'rows' then  -- keep_rows looks at every table it takes
    perform jit.check_may_drop(v_owner, v_nsp, v_what);
  end if;

  v_beside := array(
    select b.oid
    from unnest(p_beside_schemas, p_beside_names) as s(schema, name)
    cross join lateral jit.relation_named(s.schema, s.name, p_search_path) as b(oid)
    where b.oid is not null and b.oid <> v_object
      and v_loss in ('table', 'view', 'materialized_view'));
  return case v_loss
    when 'table' then jit.keep_table(v_object, p_cascade, v_beside)
    when 'view' then jit.keep_view(v_object, p_cascade, v_beside)
    when 'materialized_view' then jit.keep_materialized_view(v_object, p_cascade, v_beside)
    when 'function' then jit.keep_function(v_object)
    when 'schema' then jit.keep_schema(v_object, p_cascade)
    when 'sequence' then jit.keep_sequence(v_object, p_cascade)
    when 'type' then jit.keep_type(v_object)
    when 'index' then jit.keep_index(v_object)
    when 'trigger' then jit.keep_trigger(v_part)
    when 'constraint' then jit.keep_constraint(v_part, p_cascade)
    when 'policy' then jit.keep_policy(v_part)
    when 'rule' then jit.keep_rule(v_part)
    when 'column' then jit.keep_column(v_object, v_part::int::smallint, p_cascade)
    when 'column_type' then jit.keep_column_type(v_object, v_part::int::smallint)
    when 'rows' then jit.keep_rows(array[v_object], p_cascade, p_restart_identity)
  end;
end
$$;

-- TRUNCATE of several tables at once, which may refer to each other.
create function jit.keep_rows_together(
  p_schemas text[], p_names text[], p_cascade boolean, p_restart_identity boolean,
  p_search_path text, p_role text default '') returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rels oid[] := '{}';
  v_rel oid;
  v_table record;
begin
  perform jit.runner();
  perform jit.act_for(p_role);
  for v_table in select * from unnest(p_schemas, p_names) as s(nsp, name) loop
    v_rel := jit.find_lost('rows', v_table.nsp, v_table.name, '', false, p_search_path);
    if v_rel is null then
      perform jit.raise_missing('rows', v_table.nsp, v_table.name, '', false);
    end if;
    if (select c.relpersistence from pg_class c where c.oid = v_rel) = 't' then
      perform jit.drop_temporary('rows', v_rel, '', p_cascade, p_restart_identity);
    else
      v_rels := v_rels || v_rel;
    end if;
  end loop;
  if v_rels = '{}' then
    return 'nothing to keep: the tables are temporary, and empty now';
  end if;
  return jit.keep_rows(v_rels, p_cascade, p_restart_identity);
end
$$;

-- What is temporary goes with the session anyway: it is dropped as the statement says.
create function jit.drop_temporary(
  p_loss text, p_rel oid, p_part text, p_cascade boolean, p_restart_identity boolean)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sql text;
begin
  if not pg_has_role(jit.acting_role(), jit.owner_of(p_rel), 'usage') then
    raise exception 'must be owner of %', p_rel::regclass using errcode = '42501';
  end if;
  v_sql := case
    when p_loss = 'column_type' then null
    when p_loss = 'rows' then
      format('truncate %s%s', p_rel::regclass,
             case when p_restart_identity then ' restart identity' end)
    when p_loss in ('column', 'constraint') then
      format('alter table %s drop %s %I', p_rel::regclass, p_loss, p_part)
    when p_loss in ('trigger', 'policy', 'rule') then
      format('drop %s %I on %s', p_loss, p_part, p_rel::regclass)
    else format('drop %s %s', jit.word_of('pg_class', p_rel), p_rel::regclass) end
    || case when p_cascade then ' cascade' else '' end;
  if v_sql is not null then
    execute v_sql;
  end if;
  return 'nothing to keep: it is temporary, and done as the statement says';
end
$$;
