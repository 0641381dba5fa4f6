-- Functions, sequences and types move into quarantine as they are.

create function jit.keep_function(p_function oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('function %s', p_function::regprocedure);
  v_function record;
  v_seq bigint;
  v_rights constant jsonb := jit.rights_of('pg_proc', p_function);
begin
  perform jit.refuse_as_postgres(format('drop routine %s', p_function::regprocedure), 'pg_proc',
                                 array[p_function]);
  select p.*, n.nspname into v_function
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = p_function;
  v_seq := nextval('jit.step_seq');
  perform jit.change_rights('pg_proc', p_function, v_rights, false);
  execute format('alter routine %s set schema jit_quarantine', p_function::regprocedure);
  execute format('alter routine %s rename to %I', p_function::regprocedure,
                 jit.kept_name(v_seq, null, v_function.proname));
  perform jit.note_kept(v_seq, 'function', v_what, 'pg_proc', p_function, v_function.proowner,
    v_function.nspname, v_function.proname, pg_get_function_identity_arguments(p_function),
    p_function::regprocedure::text, v_rights,
    case when v_function.prokind in ('f', 'p', 'w') then pg_get_functiondef(p_function) end,
    jsonb_build_array(
      jit.step(format('alter routine %%1$s rename to %s',
                      jit.literally(quote_ident(v_function.proname))), 'pg_proc',
               array[p_function]),
      jit.step(format('alter routine %%1$s set schema %s',
                      jit.literally(quote_ident(v_function.nspname))), 'pg_proc',
               array[p_function])));
  return format('%s moved to quarantine as %s', v_what, p_function::regprocedure);
end
$$;

-- With CASCADE the defaults that take numbers from it are recorded and dropped. A sequence that a
-- column owns is set free for the time being, since it cannot leave the column's schema alone.
create function jit.keep_sequence(p_rel oid, p_cascade boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('sequence %s', p_rel::regclass);
  v_sequence record;
  v_column record;
  v_seq bigint;
  v_rights constant jsonb := jit.rights_of('pg_class', p_rel);
  v_undo jsonb := '[]';
  v_also text := '';
begin
  if p_cascade then
    for v_column in
      select f.adrelid, a.attname, pg_get_expr(f.adbin, f.adrelid) as expression
      from pg_depend d join pg_attrdef f on f.oid = d.objid
      join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
      where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass
        and d.refobjid = p_rel
    loop
      v_undo := v_undo || jit.step(
        'alter table %1$s alter column ' || jit.literally(quote_ident(v_column.attname))
        || ' set default ' || jit.literally(v_column.expression), 'pg_class',
        array[v_column.adrelid]);
      execute format('alter table %s alter column %I drop default', v_column.adrelid::regclass,
                     v_column.attname);
      v_also := v_also || format('; default of column %s.%I recorded and dropped',
                                 v_column.adrelid::regclass, v_column.attname);
    end loop;
  end if;
  perform jit.refuse_as_postgres(format('drop sequence %s', p_rel::regclass), 'pg_class',
                                 array[p_rel]);
  for v_column in
    select d.refobjid as rel, a.attname
    from pg_depend d
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass and d.objid = p_rel and d.deptype = 'a'
      and d.refclassid = 'pg_class'::regclass
  loop
    v_undo := jsonb_build_array(jit.step(
      'alter sequence %1$s owned by %2$s.' || jit.literally(quote_ident(v_column.attname)),
      'pg_class', array[p_rel, v_column.rel])) || v_undo;
    execute format('alter sequence %s owned by none', p_rel::regclass);
  end loop;
  select c.*, n.nspname into v_sequence
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_rel;
  v_seq := nextval('jit.step_seq');
  perform jit.change_rights('pg_class', p_rel, v_rights, false);
  v_undo := jit.move_relation(p_rel, v_seq, true) || v_undo;
  perform jit.note_kept(v_seq, 'sequence', v_what, 'pg_class', p_rel, v_sequence.relowner,
    v_sequence.nspname, v_sequence.relname, null, p_rel::regclass::text, v_rights, null, v_undo);
  return format('%s moved to quarantine as %s%s', v_what, p_rel::regclass, v_also);
end
$$;

-- A type that something uses is refused even with CASCADE: its columns would have to go with it.
create function jit.keep_type(p_type oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('type %s', p_type::regtype);
  v_type record;
  v_seq bigint;
  v_rights constant jsonb := jit.rights_of('pg_type', p_type);
begin
  perform jit.refuse_as_postgres(format('drop type %s', p_type::regtype), 'pg_type',
                                 array[p_type]);
  select t.*, n.nspname into v_type
  from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.oid = p_type;
  v_seq := nextval('jit.step_seq');
  perform jit.change_rights('pg_type', p_type, v_rights, false);
  execute format('alter type %s set schema jit_quarantine', p_type::regtype);
  execute format('alter type %s rename to %I', p_type::regtype,
                 jit.kept_name(v_seq, null, v_type.typname));
  perform jit.note_kept(v_seq, 'type', v_what, 'pg_type', p_type, v_type.typowner, v_type.nspname,
    v_type.typname, null, p_type::regtype::text, v_rights, null,
    jsonb_build_array(
      jit.step(format('alter type %%1$s rename to %s',
                      jit.literally(quote_ident(v_type.typname))), 'pg_type', array[p_type]),
      jit.step(format('alter type %%1$s set schema %s',
                      jit.literally(quote_ident(v_type.nspname))), 'pg_type', array[p_type])));
  return format('%s moved to quarantine as %s', v_what, p_type::regtype);
end
$$;
