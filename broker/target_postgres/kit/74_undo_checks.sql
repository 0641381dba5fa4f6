-- What going back step by step does not see by itself: rows that stand where the changes were in
-- between, which looks as if steps were taken back already, and rows that a foreign key takes along
-- although nobody meant them.

-- Rows that are, by what somebody did since, as these steps made them and unmade them again:
-- {seq, key, what} each. Only with a primary key; without one, equal rows are nothing odd.
create function jit.undo_between(p_steps bigint[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table record;
  v_odd jsonb;
  v_found jsonb := '[]';
begin
  for v_table in
    with step as (
      select c.seq, coalesce(c.root, c.rel) as root
      from unnest(p_steps) s join jit.row_change c on c.seq = s where c.keys <> '{}'
    ), often as (
      select s.root from step s group by s.root having count(*) > 1
    ), mentioned as (
      select s.root, m.img, max(s.seq) as last
      from often o join step s on s.root = o.root join jit.row_image m on m.seq = s.seq
      group by s.root, m.img
      having min(s.seq) filter (where m.post) < min(s.seq) filter (where not m.post)
         and max(s.seq) filter (where m.post) < max(s.seq) filter (where not m.post)
    )
    select c.rel, array_agg(m.img order by m.last, m.img) as rows,
           array_agg(m.last order by m.last, m.img) as seqs
    from mentioned m
    join jit.row_change c on c.seq = m.last
    join pg_class t on t.oid = c.rel
    -- Nobody comes to what is in quarantine; other columns are noticed by the step itself.
    where t.relnamespace <> 'jit_quarantine'::regnamespace
      and c.signature = jit.signature_of(c.rel)
    group by c.rel
  loop
    v_odd := jit.undo_look(jit.undo_shape_of(v_table.rel), v_table.rows, true);
    v_found := v_found || (
      select coalesce(jsonb_agg(jsonb_build_object(
               'seq', c.seq, 'key', jit.key_of(r.img, c.columns, c.keys),
               'what', case when c.op = 'D' then 'there again' else 'changed since' end)
               order by r.i), '[]')
      from unnest(v_table.rows, v_table.seqs) with ordinality as r(img, seq, i)
      join jit.row_change c on c.seq = r.seq
      where r.i not in (select (d -> 0)::bigint from jsonb_array_elements(v_odd) d));
  end loop;
  return v_found;
end
$$;

-- Rows that foreign keys took along, by what this transaction wrote since p_first, and that would
-- stay so although taking back p_steps does not mean them: {nsp, tbl, key, what} each.
--
-- A row that refers to a key which this change made is carried back with it, whoever made the row.
-- But where a key went while rows still referred to it, and came again by another row in the same
-- transaction, nothing tells the rows of the one from those of the other. Nor may a row be carried
-- on that was put back already. Every row written counts one, every row taken away minus one, in
-- the steps and in what was written: what is below zero should be there and is not.
create function jit.undo_astray(
  p_source name, p_since timestamptz, p_steps bigint[], p_first bigint) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lost record;
  v_found jsonb := '[]';
begin
  -- Mostly nothing cascades, and then nothing is counted.
  if not exists (select from jit.row_change c
                 where c.login = session_user and c.cause = 'cascade'
                   and c.xid = pg_current_xact_id() and c.seq > p_first) then
    return v_found;
  end if;
  for v_lost in
    with written as (
      select c.seq, c.rel, coalesce(c.root, c.rel) as root, c.cause = 'cascade' as carried
      from jit.row_change c
      where c.login = session_user and c.xid = pg_current_xact_id() and c.seq > p_first
    ), meant as (
      select c.seq, coalesce(c.root, c.rel) as root
      from unnest(p_steps) s join jit.row_change c on c.seq = s
    ), carried as (
      select w.root, m.img, max(w.rel) as rel, max(w.seq) as seq
      from written w join jit.row_image m on m.seq = w.seq and not m.post
      where w.carried group by w.root, m.img
    ), counted as (
      select s.root, m.img, m.post, s.meant
      from (select w.seq, w.root, false as meant from written w
            union all select t.seq, t.root, true from meant t) s
      join jit.row_image m on m.seq = s.seq
    ), lost as (
      select a.rel, a.seq, a.img, bool_or(c.meant and not c.post) as put_back
      from carried a join counted c on c.root = a.root and c.img = a.img
      group by a.rel, a.seq, a.img
      having sum(case when c.post then 1 else -1 end) < 0
    )
    select l.rel, array_agg(l.img order by l.seq, l.img) as rows,
           array_agg(l.seq order by l.seq, l.img) as seqs,
           array_agg(l.put_back order by l.seq, l.img) as put_back
    from lost l group by l.rel
  loop
    v_found := v_found || (
      with again as (
        select (a -> 0)::bigint as i, min(a ->> 1) as what
        from jsonb_array_elements(
          jit.undo_came_again(p_source, p_since, v_lost.rel, v_lost.rows)) a
        group by 1
      )
      select coalesce(jsonb_agg(jsonb_build_object(
               'nsp', c.nsp, 'tbl', c.tbl, 'key', jit.key_of(r.img, c.columns, c.keys),
               'what', coalesce(a.what, 'was put back, and a foreign key would carry it on'))
               order by r.i), '[]')
      from unnest(v_lost.rows, v_lost.seqs, v_lost.put_back) with ordinality
             as r(img, seq, put_back, i)
      join jit.row_change c on c.seq = r.seq
      left join again a on a.i = r.i
      where r.put_back or a.i is not null);
  end loop;
  return v_found;
end
$$;

-- Which of these rows refer to a key that went without a foreign key acting on them, and came again
-- in the same transaction of p_source: [[i, in words], …].
create function jit.undo_came_again(
  p_source name, p_since timestamptz, p_rel oid, p_rows text[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key record;
  v_pair record;
  v_found jsonb := '[]';
begin
  for v_key in
    select k.conname, k.confrelid, k.confdeltype, k.confupdtype,
           array_agg(r.attname::text) as columns,
           string_agg(format('w.%I operator(%I.%s) c.%I', r.attname, n.nspname, o.oprname,
                             f.attname), ' and ') as on_went,
           string_agg(format('y.%I operator(%I.%s) c.%I', r.attname, n.nspname, o.oprname,
                             f.attname), ' and ') as on_came
    from pg_constraint k
    cross join lateral unnest(k.confkey, k.conkey, k.conpfeqop) as p(ref, fk, op)
    join pg_attribute r on r.attrelid = k.confrelid and r.attnum = p.ref
    join pg_attribute f on f.attrelid = k.conrelid and f.attnum = p.fk
    join pg_operator o on o.oid = p.op join pg_namespace n on n.oid = o.oprnamespace
    where k.contype = 'f' and k.conparentid = 0 and 'a' in (k.confdeltype, k.confupdtype)
      and (k.conrelid = p_rel
           or k.conrelid in (select a.relid from pg_partition_ancestors(p_rel) a))
    group by k.oid
  loop
    for v_pair in
      with changed as (
        select c.rel, c.seq, c.xid, c.op, m.i, c.columns, c.keys,
               max(m.img) filter (where not m.post) as old, max(m.img) filter (where m.post) as new
        from jit.row_change c join jit.row_image m on m.seq = c.seq
        where c.login = p_source and c.at >= p_since
          and not exists (select from jit.undone u where u.seq = c.seq)
          and (v_key.confrelid in (c.rel, c.root)
               or c.rel in (select a.relid from pg_partition_ancestors(v_key.confrelid) a))
          and c.signature = jit.signature_of(c.rel)
        group by c.rel, c.seq, c.xid, c.op, m.i, c.columns, c.keys
      ), moved as (
        select h.*, h.xid::text as within from changed h
        where h.op <> 'U' or jit.key_of(h.old, h.columns, v_key.columns)
                             is distinct from jit.key_of(h.new, h.columns, v_key.columns)
      ), went as (
        select m.rel, array_agg(m.old) as rows, array_agg(m.within) as within,
               array_agg(jit.key_of(m.old, m.columns, v_key.columns)) as keys
        from moved m
        where m.op = 'D' and v_key.confdeltype = 'a' or m.op = 'U' and v_key.confupdtype = 'a'
        group by m.rel
      ), came as (
        select m.rel, array_agg(m.new) as rows, array_agg(m.within) as within
        from moved m where m.op <> 'D' group by m.rel
      )
      select w.rel as went_rel, w.rows as went, w.within as went_within, w.keys as went_keys,
             y.rel as came_rel, y.rows as came, y.within as came_within
      from went w cross join came y
    loop
      v_found := v_found || (
        select coalesce(jsonb_agg(jsonb_build_array(a -> 0, format(
                 'refers by %s to %s of %s, which went and came again in one transaction, so that'
                 ' the undo would take it for a row of the other; let it refer to something else'
                 ' while undoing', v_key.conname, v_pair.went_keys[(a -> 1)::int],
                 v_key.confrelid::regclass))), '[]')
        from jsonb_array_elements(jit.ask_owner_of(p_rel, format(
          'select coalesce(jsonb_agg(jsonb_build_array(c.jit_i, w.jit_i)), ''[]'')'
          ' from %s c join %s w on %s where exists (select from %s y where %s'
          ' and (%L::text[])[y.jit_i::int] = (%L::text[])[w.jit_i::int])',
          jit.rows_from(jit.undo_shape_of(p_rel), p_rows),
          jit.rows_from(jit.undo_shape_of(v_pair.went_rel), v_pair.went), v_key.on_went,
          jit.rows_from(jit.undo_shape_of(v_pair.came_rel), v_pair.came), v_key.on_came,
          v_pair.came_within::text, v_pair.went_within::text))) a);
    end loop;
  end loop;
  return v_found;
end
$$;
