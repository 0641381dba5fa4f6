-- The name in quarantine; an identifier is cut at 63 bytes, so what tells it apart comes first.
create function jit.kept_name(p_seq bigint, p_object oid, p_name text) returns name
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case when p_object is null then format('k%s_%s', p_seq, p_name)
              else format('k%s_%s_%s', p_seq, p_object, p_name) end::name
$$;

-- Moves a relation into quarantine with its indexes, the sequences it owns, and answers the steps
-- that bring it back. Everything else that belongs to it follows by itself.
create function jit.move_relation(p_rel oid, p_seq bigint, p_main boolean) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_word constant text := jit.word_of('pg_class', p_rel);
  v_schema name;
  v_child record;
  v_undo jsonb := '[]';
begin
  select n.nspname into v_schema
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_rel;
  execute format('alter %s %s set schema jit_quarantine', v_word, p_rel::regclass);
  for v_child in
    select c.oid, c.relname, jit.word_of('pg_class', c.oid) as word
    from pg_class c
    where c.oid = p_rel
       or c.oid in (select x.indexrelid from pg_index x where x.indrelid = p_rel)
       or c.oid in (select d.objid from pg_depend d join pg_class s on s.oid = d.objid
                    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                      and d.refobjid = p_rel and d.deptype in ('a', 'i') and s.relkind = 'S')
    order by c.oid
  loop
    execute format('alter %s %s rename to %I', v_child.word, v_child.oid::regclass,
      jit.kept_name(p_seq, case when v_child.oid = p_rel and p_main then null else v_child.oid end,
                    v_child.relname));
    v_undo := v_undo || jit.step(
      format('alter %s %%1$s rename to %s', v_child.word,
             jit.literally(quote_ident(v_child.relname))),
      'pg_class', array[v_child.oid]);
  end loop;
  return v_undo || jit.step(
    format('alter %s %%1$s set schema %s', v_word, jit.literally(quote_ident(v_schema))),
    'pg_class', array[p_rel]);
end
$$;

-- How many rows these tables have together: the planner's estimate, or a count where it has none.
create function jit.rows_in(p_rels oid[]) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
  v_rel record;
  v_rows bigint := 0;
  v_counted bigint;
begin
  for v_rel in select c.oid, c.reltuples::bigint as estimate, c.relpages from pg_class c
               where c.oid = any (p_rels) and c.relkind in ('r', 'm') loop
    if v_rel.estimate < 0 then
      execute format('select count(*) from only %s', v_rel.oid::regclass) into v_counted;
      v_rows := v_rows + v_counted;
    else
      v_rows := v_rows + v_rel.estimate;
    end if;
  end loop;
  return v_rows;
exception when insufficient_privilege or object_not_in_prerequisite_state then
  return null;
end
$$;

-- How often an object was used, as far as the server counts it. What this session has counted and
-- not handed in yet belongs to it: the rows are counted while a table is kept, which nobody shall
-- take for a use.
create function jit.counters_of(p_class text, p_objects oid[]) returns jsonb
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select case p_class
    when 'pg_class' then
      (select jsonb_build_object(
         'read', sum(coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0)
                     + coalesce(x.seq_scan, 0) + coalesce(x.idx_scan, 0)),
         'written', sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del
                        + x.n_tup_ins + x.n_tup_upd + x.n_tup_del))
       from pg_stat_all_tables s join pg_stat_xact_all_tables x using (relid)
       where s.relid = any (p_objects))
    when 'pg_proc' then
      (select jsonb_build_object('read', sum(f.calls), 'written', 0)
       from pg_stat_user_functions f where f.funcid = any (p_objects) having count(*) > 0)
    end
$$;

-- The rows of jit.kept are written here, and nowhere else.
create function jit.note_kept(
  p_seq bigint, p_loss text, p_what text, p_class text, p_object oid, p_owner oid, p_schema text,
  p_name text, p_part text, p_kept_as text, p_rights jsonb, p_definition text, p_undo jsonb,
  p_details jsonb default '{}', p_act text default 'kept') returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into jit.kept (seq, change, act, loss, what, class, object, owner, original_schema,
    original_name, part, kept_as, rights, definition, undo, details, counters)
  values (p_seq, (select g.change from jit.guard g where g.login = session_user), p_act, p_loss,
    p_what, p_class, p_object, pg_get_userbyid(p_owner), p_schema, p_name, nullif(p_part, ''),
    p_kept_as, coalesce(p_rights, '[]'), p_definition, coalesce(p_undo, '[]'), p_details,
    jit.counters_of(p_class, case when p_details ? 'members'
      then array(select m::oid from jsonb_array_elements_text(p_details -> 'members') m)
      else array[p_object] end))
$$;

-- A number as people read it.
create function jit.in_digits(p_number bigint) returns text
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$ select coalesce(trim(to_char(p_number, 'FM999,999,999,999,999,990')), 'unknown') $$;
