-- Notes what a statement of a change has just made, so that an undo can take it away. Call it after
-- a plain CREATE or ADD, never after CREATE OR REPLACE: what was replaced would be taken too. With
-- the kind column_type it notes what the values became and belongs after the ALTER. Answers a
-- sentence, or `nothing …` when the thing was not made by this transaction.
create function jit.note_created(
  p_kind text, p_schema text, p_name text, p_part text, p_search_path text,
  p_role text default '') returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind constant text := replace(p_kind, ' ', '_');
  v_object oid;
  v_part oid;
  v_class text := 'pg_class';
  v_made boolean;
  v_seq bigint;
  v_nsp text;
  v_name text;
begin
  perform jit.runner();
  perform jit.act_for(p_role);
  v_object := jit.find_lost(v_kind, p_schema, p_name, p_part, v_kind = 'function', p_search_path);
  if v_object is null then
    return format('nothing to note: %s %s does not exist', p_kind, p_name);
  end if;
  if v_kind = 'column_type' then
    perform jit.note_column_type(k.seq) from jit.kept k
    where k.xid = pg_current_xact_id() and k.loss = 'column_type' and k.object = v_object
      and k.part = p_part;
    return format('type of column %s.%I noted', v_object::regclass, p_part);
  end if;
  if v_kind in ('column', 'constraint', 'trigger', 'policy', 'rule') then
    v_part := jit.find_part(v_kind, v_object, p_part);
  end if;
  v_class := case v_kind when 'function' then 'pg_proc' when 'type' then 'pg_type'
    when 'schema' then 'pg_namespace' when 'constraint' then 'pg_constraint'
    when 'trigger' then 'pg_trigger' when 'policy' then 'pg_policy' when 'rule' then 'pg_rewrite'
    when 'column' then 'pg_attribute' else 'pg_class' end;
  if v_class = 'pg_attribute' then
    select age(a.xmin) <= age(pg_current_xact_id()::xid) into v_made
    from pg_attribute a where a.attrelid = v_object and a.attnum = v_part::int;
  else
    execute format('select age(xmin) <= age(pg_current_xact_id()::xid) from pg_catalog.%I'
                   ' where oid = $1', v_class)
      into v_made using coalesce(v_part, v_object);
  end if;
  if not coalesce(v_made, false) then
    return format('nothing to note: %s %s was there before', p_kind,
                  concat_ws('.', p_name, nullif(p_part, '')));
  end if;
  v_seq := nextval('jit.step_seq');
  perform jit.note_kept(v_seq, v_kind,
    format('new %s %s', p_kind, case when v_part is not null
      then format('%s.%I', v_object::regclass, p_part)
      else jit.name_of(case when v_class in ('pg_proc', 'pg_type', 'pg_namespace') then v_class
                            else 'pg_class' end, v_object) end),
    v_class, coalesce(case when v_class <> 'pg_attribute' then v_part end, v_object), null,
    nullif(p_schema, ''), p_name, p_part, null, null, null, '[]', '{}', 'made');
  return format('%s %s noted as new', p_kind, concat_ws('.', p_name, nullif(p_part, '')));
end
$$;

-- Takes away what was made: it is kept like anything else that is dropped.
create function jit.undo_made(p_made jit.kept) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column smallint;
begin
  case p_made.loss
    when 'table' then perform jit.keep_table(p_made.object, false);
    when 'view' then perform jit.keep_view(p_made.object, false);
    when 'materialized_view' then perform jit.keep_materialized_view(p_made.object, false);
    when 'function' then perform jit.keep_function(p_made.object);
    when 'schema' then perform jit.keep_schema(p_made.object, false);
    when 'sequence' then perform jit.keep_sequence(p_made.object, false);
    when 'type' then perform jit.keep_type(p_made.object);
    when 'index' then perform jit.keep_index(p_made.object);
    when 'constraint' then perform jit.keep_constraint(p_made.object, false);
    when 'trigger' then perform jit.keep_trigger(p_made.object);
    when 'policy' then perform jit.keep_policy(p_made.object);
    when 'rule' then perform jit.keep_rule(p_made.object);
    when 'column' then
      select a.attnum into v_column from pg_attribute a
      where a.attrelid = p_made.object and a.attname = p_made.part and not a.attisdropped;
      if v_column is null then
        raise exception 'it is gone already' using errcode = 'JT021';
      end if;
      perform jit.keep_new_column(p_made.object, v_column);
  end case;
end
$$;

-- A column that was added goes for real, so that the table is as it was; its values stay in a copy
-- when rows can be told apart.
create function jit.keep_new_column(p_rel oid, p_column smallint) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set client_min_messages = warning
as $$
declare
  v_name name;
  v_filled boolean;
  v_seq bigint;
  v_kept name;
begin
  select a.attname into v_name from pg_attribute a
  where a.attrelid = p_rel and a.attnum = p_column;
  perform jit.refuse_as_postgres(
    format('alter table %s drop column %I', p_rel::regclass, v_name), 'pg_class', array[p_rel]);
  execute format('select exists (select from %s t where t.%I is not null)', p_rel::regclass,
                 v_name) into v_filled;
  if v_filled then
    v_seq := nextval('jit.step_seq');
    v_kept := format('k%s_%s_%s', v_seq, p_rel, v_name)::name;
    execute format('create table jit_quarantine.%I as select %s as key, %I as was from %s', v_kept,
                   coalesce(jit.key_of(p_rel), 'null::text'), v_name, p_rel::regclass);
    perform jit.note_kept(v_seq, 'column_values', format('values of column %s.%I', p_rel::regclass,
        v_name), 'pg_class', p_rel, jit.owner_of(p_rel), null, null, v_name,
      format('jit_quarantine.%I', v_kept), null, null, '[]',
      jsonb_build_object('copies', jsonb_build_array(jsonb_build_object(
        'copy', format('jit_quarantine.%I', v_kept)::regclass::oid))));
  end if;
  execute format('alter table %s drop column %I', p_rel::regclass, v_name);
end
$$;
