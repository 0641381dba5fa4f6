-- How the rows of a table are found and written: the pieces of the SQL that puts them back.
--   on_key        where the row jit_t is the row y; null when the table has no primary key
--   insertable, writable   the columns that INSERT and UPDATE may set; values of x beside them
do $$
begin
  if to_regtype('jit.undo_shape') is null then
    create type jit.undo_shape as (
      rel oid, name text, on_key text, insertable text, insertable_of_x text, writable text,
      writable_of_x text);
  end if;
end
$$;

-- PL/pgSQL keeps the plan, which takes longer than the answer: every step asks.
create function jit.undo_shape_of(p_rel oid) returns jit.undo_shape
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_shape jit.undo_shape;
begin
  select p_rel, format('%I.%I', n.nspname, c.relname), k.on_key, a.insertable, a.insertable_of_x,
         a.writable, a.writable_of_x
  into v_shape
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select string_agg(format('%I', attname), ', ' order by attnum) as insertable,
           string_agg(format('x.%I', attname), ', ' order by attnum) as insertable_of_x,
           string_agg(format('%I', attname), ', ' order by attnum)
             filter (where attidentity <> 'a') as writable,
           string_agg(format('x.%I', attname), ', ' order by attnum)
             filter (where attidentity <> 'a') as writable_of_x
    from pg_attribute
    where attrelid = p_rel and attnum > 0 and not attisdropped and attgenerated = '') a
  cross join lateral (
    -- The operator that the index of the key compares with: made by a superuser, unlike what the
    -- name = might find.
    select string_agg(format('jit_t.%1$I operator(%2$I.%3$s) y.%1$I', a.attname, s.nspname,
                             o.oprname), ' and ') as on_key
    from pg_index x
    cross join lateral unnest(x.indkey::int2[], x.indclass::oid[]) as p(attnum, opclass)
    join pg_attribute a on a.attrelid = p_rel and a.attnum = p.attnum
    join pg_opclass q on q.oid = p.opclass
    join pg_amop m on m.amopfamily = q.opcfamily and m.amopstrategy = 3
                  and m.amoplefttype = q.opcintype and m.amoprighttype = q.opcintype
    join pg_operator o on o.oid = m.amopopr
    join pg_namespace s on s.oid = o.oprnamespace
    where x.indrelid = p_rel and x.indisprimary) k
  where c.oid = p_rel;
  return v_shape;
end
$$;

-- Rows from their texts, numbered, for a FROM clause. The literal is read by the row's type itself:
-- a cast that somebody made is never asked.
create function jit.rows_from(p_shape jit.undo_shape, p_rows text[]) returns text
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return format('(select row_number() over () as jit_i, u.* from unnest(%L::%s[]) u)',
                p_rows::text, p_shape.name);
end
$$;

-- Locks the rows that a step is about and tells which are not as these texts say:
-- [[i, what is there now or null], …]. Where nothing should be, what is there is told.
create function jit.undo_look(p_shape jit.undo_shape, p_rows text[], p_expected boolean)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return jit.ask_owner_of(p_shape.rel, format($sql$
    select coalesce(jsonb_agg(jsonb_build_array(p.i, m.cur) order by p.i), '[]')
    from unnest(%1$L::text[]) with ordinality as p(img, i)
    left join (select y.jit_i, concat(jit_t) as cur from %2$s y join %3$s jit_t on %4$s
               for update of jit_t) m on m.jit_i = p.i
    where case when %5$L::boolean then m.cur is distinct from p.img else m.cur is not null end
    $sql$, p_rows::text, jit.rows_from(p_shape, p_rows), p_shape.name, p_shape.on_key, p_expected));
end
$$;

-- The same without a key: for each text the place of one row that is exactly so, or null.
create function jit.undo_places(p_shape jit.undo_shape, p_rows text[]) returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(select jsonb_array_elements_text(jit.ask_owner_of(p_shape.rel, format($sql$
    select coalesce(jsonb_agg(m.place order by p.i), '[]')
    from (select img, i, row_number() over (partition by img order by i) as nth
          from unnest(%1$L::text[]) with ordinality as p(img, i)) p
    left join (select l.cur, l.place,
                      row_number() over (partition by l.cur order by l.place) as nth
               from (select concat(jit_t) as cur,
                            concat(jit_t.tableoid, ' ', jit_t.ctid) as place
                     from %2$s jit_t where concat(jit_t) = any (%1$L::text[])
                     for update of jit_t) l) m
      on m.cur = p.img and m.nth = p.nth
    $sql$, p_rows::text, p_shape.name))));
end
$$;

-- Which of these rows, when deleted, would take rows of others with them, or change them.
create function jit.undo_would_cascade(p_shape jit.undo_shape, p_rows text[]) returns bigint[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key record;
  v_found bigint[] := '{}';
begin
  for v_key in
    select k.conrelid, k.conrelid::regclass::text as child,
           string_agg(format('y.%I operator(%I.%s) c.%I', r.attname, n.nspname, o.oprname,
                             f.attname), ' and ') as on_key
    from pg_constraint k
    cross join lateral unnest(k.confkey, k.conkey, k.conpfeqop) as p(ref, fk, op)
    join pg_attribute r on r.attrelid = k.confrelid and r.attnum = p.ref
    join pg_attribute f on f.attrelid = k.conrelid and f.attnum = p.fk
    join pg_operator o on o.oid = p.op join pg_namespace n on n.oid = o.oprnamespace
    where k.contype = 'f' and k.confdeltype in ('c', 'n', 'd') and k.conparentid = 0
      and (k.confrelid = p_shape.rel
           or k.confrelid in (select a.relid from pg_partition_ancestors(p_shape.rel) a))
    group by k.oid, k.conrelid
  loop
    v_found := v_found || array(
      select jsonb_array_elements_text(jit.ask_owner_of(v_key.conrelid, format(
        'select coalesce(jsonb_agg(distinct y.jit_i), ''[]'') from %s y join %s c on %s'
        ' where concat(c) <> all (%L::text[])',
        jit.rows_from(p_shape, p_rows), v_key.child, v_key.on_key, p_rows::text)))::bigint);
  end loop;
  return v_found;
end
$$;

-- Writes: U puts p_old where p_new is, I deletes p_new, D inserts p_old. What comes out must be
-- p_old to the letter.
create function jit.undo_write(
  p_shape jit.undo_shape, p_op text, p_old text[], p_new text[], p_places text[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_wanted constant bigint := cardinality(case when p_op = 'I' then p_new else p_old end);
  v_old text;
  v_from text;  -- where the row to change is: by its key, or by its place
  v_where text;
  v_sql text;
  v_done bigint;
begin
  if p_op <> 'I' then
    v_old := jit.rows_from(p_shape, p_old);
  end if;
  if p_op <> 'D' and p_places is null then
    v_from := jit.rows_from(p_shape, p_new);
    v_where := p_shape.on_key;
  elsif p_op <> 'D' then
    v_from := format('(select place, row_number() over () as jit_i from unnest(%L::text[]) place)',
                     p_places::text);
    v_where := 'concat(jit_t.tableoid, '' '', jit_t.ctid) = y.place';
  end if;
  v_sql := case p_op
    when 'U' then format(
      'with w as (update %s jit_t set (%s) = row(%s) from %s x join %s y using (jit_i) where %s'
      ' returning jit_i, concat(jit_t) as now)'
      ' select to_jsonb(count(*)) from w join unnest(%L::text[]) with ordinality p(img, i)'
      ' on p.i = w.jit_i and p.img = w.now',
      p_shape.name, p_shape.writable, p_shape.writable_of_x, v_old, v_from, v_where, p_old::text)
    when 'I' then format(
      'with w as (delete from %s jit_t using %s y where %s returning 1)'
      ' select to_jsonb(count(*)) from w', p_shape.name, v_from, v_where)
    when 'D' then format(
      'with w as (insert into %s as jit_t (%s) overriding system value select %s from %s x'
      ' returning concat(jit_t) as now)'
      ' select to_jsonb(count(*)) from w where w.now = any (%L::text[])',
      p_shape.name, p_shape.insertable, p_shape.insertable_of_x, v_old, p_old::text)
    end;
  v_done := jit.ask_owner_of(p_shape.rel, v_sql)::bigint;
  if v_done is distinct from v_wanted then
    raise exception 'of % rows of % only % came out as they were', v_wanted, p_shape.name, v_done
      using errcode = 'JT014';
  end if;
end
$$;

-- The same when unique values stand in each other's way: row by row, last first, which is the way
-- back that must be free, and then to and fro, since others may have changed rows in between.
-- Answers the numbers of the rows that could not.
create function jit.undo_write_in_turn(
  p_shape jit.undo_shape, p_op text, p_old text[], p_new text[], p_places text[])
returns bigint[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rest bigint[] := array(
    select i from generate_subscripts(case when p_op = 'I' then p_new else p_old end, 1) i
    order by i desc);
  v_stuck bigint[];
  v_i bigint;
begin
  loop
    v_stuck := '{}';
    foreach v_i in array v_rest loop
      begin
        perform jit.undo_write(p_shape, p_op, p_old[v_i:v_i], p_new[v_i:v_i], p_places[v_i:v_i]);
      exception when unique_violation or exclusion_violation then
        v_stuck := v_i || v_stuck;  -- the other way round next time
      end;
    end loop;
    exit when v_stuck = '{}' or cardinality(v_stuck) = cardinality(v_rest);
    v_rest := v_stuck;
  end loop;
  return v_stuck;
end
$$;
