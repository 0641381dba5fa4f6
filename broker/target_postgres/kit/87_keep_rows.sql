-- Copies every row that a TRUNCATE takes and empties the tables as their owner. With CASCADE the
-- tables whose foreign keys point there go along, as PostgreSQL has it; without, it is refused.
create function jit.keep_rows(p_rels oid[], p_cascade boolean, p_restart_identity boolean)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
set row_security = off
as $$
declare
  v_rels oid[] := p_rels;
  v_all oid[];
  v_more record;
  v_rel record;
  v_seq bigint;
  v_copy name;
  v_rows bigint;
  v_total bigint := 0;
  v_copies jsonb := '[]';
  v_sequences jsonb := '[]';
  v_last bigint;
  v_called boolean;
  v_what text;
begin
  loop
    with recursive member(oid) as (
      select unnest(v_rels)
      union select i.inhrelid from pg_inherits i join member m on m.oid = i.inhparent
    ) select array_agg(oid) into v_all from member;
    v_more := null;
    select k.conrelid, k.confrelid into v_more
    from pg_constraint k
    where k.contype = 'f' and k.confrelid = any (v_all) and k.conrelid <> all (v_all) limit 1;
    exit when v_more.conrelid is null;
    if not p_cascade then
      raise exception 'cannot truncate a table referenced in a foreign key constraint'
        using errcode = '0A000',
              detail = format('Table %s references %s.', v_more.conrelid::regclass,
                              v_more.confrelid::regclass);
    end if;
    v_rels := v_rels || v_more.conrelid;
  end loop;
  if exists (select from pg_class c where c.oid = any (v_all) and c.relkind not in ('r', 'p')) then
    raise exception 'the rows of a foreign table cannot be kept' using errcode = 'JT020';
  end if;
  -- Parts of a partitioned table go by the right on the whole.
  perform jit.check_may_truncate(o, p_restart_identity) from unnest(v_rels) o;
  v_what := format('rows of %s', (select string_agg(o::regclass::text, ', ' order by place)
                                  from unnest(v_rels) with ordinality as r(o, place)));
  v_seq := nextval('jit.step_seq');
  execute 'lock table ' || (select string_agg(o::regclass::text, ', ') from unnest(v_rels) o)
          || ' in access exclusive mode';

  for v_rel in
    select c.oid, c.relname from pg_class c where c.oid = any (v_all) and c.relkind = 'r'
    order by c.oid
  loop
    v_copy := jit.kept_name(v_seq, v_rel.oid, v_rel.relname);
    execute format('create table jit_quarantine.%I as select * from only %s', v_copy,
                   v_rel.oid::regclass);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    v_copies := v_copies || jsonb_build_object(
      'table', v_rel.oid, 'copy', format('jit_quarantine.%I', v_copy)::regclass::oid,
      'rows', v_rows);
  end loop;
  if p_restart_identity then
    for v_rel in
      select s.oid from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
        and d.refobjid = any (v_all) and d.deptype in ('a', 'i')
    loop
      execute format('select last_value, is_called from %s', v_rel.oid::regclass)
        into v_last, v_called;
      v_sequences := v_sequences || jsonb_build_object('sequence', v_rel.oid, 'last', v_last,
                                                       'called', v_called);
    end loop;
  end if;
  -- Noted before it is done: the guard of the table asks whether it was.
  perform jit.note_kept(v_seq, 'rows', v_what, 'pg_class', p_rels[1], jit.owner_of(p_rels[1]),
    (select c.relnamespace::regnamespace::name from pg_class c where c.oid = p_rels[1]),
    (select c.relname from pg_class c where c.oid = p_rels[1]), null,
    (select string_agg((e ->> 'copy')::oid::regclass::text, ', ')
     from jsonb_array_elements(v_copies) e),
    null, null, '[]',
    jsonb_build_object('copies', v_copies, 'sequences', v_sequences, 'rows', v_total,
                       'truncated', to_jsonb(v_all)));
  perform jit.as_owner(pg_get_userbyid(jit.owner_of(p_rels[1]))::name,
    format('truncate table %s%s%s',
           (select string_agg(o::regclass::text, ', ') from unnest(p_rels) o),
           case when p_restart_identity then ' restart identity' end,
           case when p_cascade then ' cascade' end));
  return format('%s (%s rows in %s tables) copied to quarantine and removed', v_what,
                jit.in_digits(v_total), jsonb_array_length(v_copies));
end
$$;

-- Whether the caller's transaction has kept a copy of this table, so that TRUNCATE may follow.
create function jit.kept_for_truncate(p_rel oid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from jit.kept k
                 where k.login = session_user and k.xid = pg_current_xact_id()
                   and k.loss = 'rows' and k.details -> 'truncated' @> to_jsonb(p_rel::text))
$$;
