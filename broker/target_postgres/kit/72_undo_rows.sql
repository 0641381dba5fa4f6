-- Takes one recorded statement back: every row of it, or the conflicts.
--
-- A row that is already as it was before is left alone. A row that is neither as the statement left
-- it nor as it was before was changed since: a conflict, which 'overwrite' overrides. Rows in
-- p_passed had a conflict in a newer step and are left out. What cascades of this undo made of a
-- row is nobody's change.
-- Answers {"n": rows put back, "already": rows, "conflicts": [{"key": …, "what": …}, …]}.
-- JT011 its images are gone, JT012 the table or its columns changed since.
create function jit.undo_rows(p_seq bigint, p_on_conflict text, p_passed text[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_step jit.row_change;
  v_shape jit.undo_shape;
  v_old text[];
  v_new text[];
  v_places text[];
  v_odd jsonb;
  v_carried text[];
  v_row record;
  v_leave bigint[] := '{}';
  v_insert text[] := '{}';
  v_update text[] := '{}';
  v_already bigint := 0;
  v_conflicts jsonb := '[]';
  v_op text;
  v_answer jsonb;
  v_n bigint;
begin
  select * into strict v_step from jit.row_change c where c.seq = p_seq;
  v_op := v_step.op;
  if jit.signature_of(v_step.rel) is distinct from v_step.signature then
    raise exception 'the table %.% is gone or its columns were changed since', v_step.nsp,
      v_step.tbl using errcode = 'JT012';
  end if;
  select coalesce(array_agg(m.img order by m.i) filter (where not m.post), '{}'),
         coalesce(array_agg(m.img order by m.i) filter (where m.post), '{}')
  into v_old, v_new from jit.row_image m where m.seq = p_seq;
  if (v_op <> 'I' and cardinality(v_old) <> v_step.n)
     or (v_op <> 'D' and cardinality(v_new) <> v_step.n) then
    raise exception 'the images of the rows of %.% are not complete', v_step.nsp, v_step.tbl
      using errcode = 'JT011';
  end if;
  v_shape := jit.undo_shape_of(v_step.rel);

  if v_shape.on_key is null then
    if v_op <> 'D' then
      v_places := jit.undo_places(v_shape, v_new);
      if array_position(v_places, null) is not null then
        v_places := jit.undo_places(v_shape, jit.undo_carried(v_step.rel, v_new));
      end if;
    end if;
    for v_row in
      select p.i, v_new[p.i] as key, v_new[p.i] = any (p_passed) as passed
      from unnest(v_places) with ordinality as p(place, i) where p.place is null
    loop
      v_leave := v_leave || v_row.i;
      if not v_row.passed then
        v_conflicts := v_conflicts || jsonb_build_object(
          'key', v_row.key, 'what', 'no row is like that any more');
      end if;
    end loop;
  else
    v_odd := jit.undo_look(v_shape, case when v_op = 'D' then v_old else v_new end, v_op <> 'D');
    if v_op = 'U' and v_step.key_changed and jit.undo_look(v_shape, v_old, true) = '[]'
       and jit.undo_carried(v_step.rel, v_new) = v_old then
      return jsonb_build_object('n', 0, 'already', v_step.n, 'conflicts', '[]'::jsonb);
    end if;
    if v_op <> 'D' and v_odd <> '[]' then
      v_carried := jit.undo_carried(v_step.rel, v_new);
      v_carried := array(
        select case when o.i is null then v_new[n.i] else v_carried[n.i] end
        from generate_subscripts(v_new, 1) as n(i)
        left join (select (d -> 0)::bigint as i from jsonb_array_elements(v_odd) d) o using (i)
        order by n.i);
      if v_carried <> v_new then
        v_new := v_carried;
        v_odd := jit.undo_look(v_shape, v_new, true);
      end if;
    end if;
    for v_row in
      with odd as (
        select (d -> 0)::bigint as i, d ->> 1 as now from jsonb_array_elements(v_odd) d
      )
      select o.i, o.now, jit.key_of(coalesce(v_new[o.i], v_old[o.i]), v_step.columns, v_step.keys)
               as key
      from odd o order by o.i
    loop
      if v_row.now is not distinct from v_old[v_row.i] then
        v_already := v_already + 1;
        v_leave := v_leave || v_row.i;
      elsif p_on_conflict = 'overwrite' and not v_row.key = any (p_passed) then
        if v_op = 'U' and v_row.now is null then
          v_leave := v_leave || v_row.i;
          v_insert := v_insert || v_old[v_row.i];
        elsif v_op = 'D' then
          v_leave := v_leave || v_row.i;
          v_update := v_update || v_old[v_row.i];
        end if;
      else
        v_leave := v_leave || v_row.i;
        if not v_row.key = any (p_passed) then
          v_conflicts := v_conflicts || jsonb_build_object('key', v_row.key, 'what',
            case when v_row.now is null then 'deleted since' when v_op = 'D' then 'there again'
                 else 'changed since' end);
        end if;
      end if;
    end loop;
    if cardinality(p_passed) > 0 then
      v_leave := v_leave || array(
        select i from generate_subscripts(case when v_op = 'D' then v_old else v_new end, 1) i
        where jit.key_of(coalesce(v_new[i], v_old[i]), v_step.columns, v_step.keys)
              = any (p_passed));
    end if;
    if v_op = 'I' and p_on_conflict <> 'overwrite' then
      for v_row in
        select i, jit.key_of(v_new[i], v_step.columns, v_step.keys) as key
        from unnest(jit.undo_would_cascade(v_shape, v_new)) i where i <> all (v_leave) group by i
      loop
        v_leave := v_leave || v_row.i;
        v_conflicts := v_conflicts || jsonb_build_object(
          'key', v_row.key, 'what', 'rows made since refer to it and would go with it');
      end loop;
    end if;
  end if;

  if v_leave <> '{}' then
    select coalesce(array_agg(v_old[i] order by i), '{}'),
           coalesce(array_agg(v_new[i] order by i), '{}'), array_agg(v_places[i] order by i)
    into v_old, v_new, v_places
    from generate_series(1, v_step.n) i where i <> all (v_leave);
    if v_shape.on_key is not null then
      v_places := null;
    end if;
  end if;
  v_answer := jit.undo_write_all(v_shape, v_op, v_old, v_new, v_places, v_step, v_conflicts);
  v_n := (v_answer ->> 'n')::bigint;
  v_answer := jit.undo_write_all(v_shape, 'D', v_insert, '{}', null, v_step,
                                 v_answer -> 'conflicts');
  v_n := v_n + (v_answer ->> 'n')::bigint;
  v_answer := jit.undo_write_all(v_shape, 'U', v_update, v_update, null, v_step,
                                 v_answer -> 'conflicts');
  return v_answer || jsonb_build_object('already', v_already,
                                        'n', v_n + (v_answer ->> 'n')::bigint);
end
$$;

-- What these rows are now, by what this transaction itself has written: an update of a key that is
-- taken back cascades again.
create function jit.undo_carried(p_rel oid, p_rows text[]) returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seq bigint := 0;
  v_rows text[] := p_rows;
begin
  -- Mostly nothing cascades, and then what was written is not read for every row that is odd.
  if not exists (select from jit.row_change c
                 where c.login = session_user and c.rel = p_rel and c.cause <> 'statement'
                   and c.xid = pg_current_xact_id() and c.op = 'U') then
    return p_rows;
  end if;
  loop
    select min(c.seq) into v_seq
    from jit.row_change c join jit.row_image m on m.seq = c.seq and not m.post
    where c.login = session_user and c.xid = pg_current_xact_id() and c.rel = p_rel and c.op = 'U'
      and c.seq > v_seq and m.img = any (v_rows);
    exit when v_seq is null;
    v_rows := array(
      select coalesce(w.now, r.img)
      from unnest(v_rows) with ordinality as r(img, i)
      left join (select distinct on (old.img) old.img as was, new.img as now
                 from jit.row_image old
                 join jit.row_image new on new.seq = old.seq and new.i = old.i and new.post
                 where old.seq = v_seq and not old.post) w on w.was = r.img
      order by r.i);
  end loop;
  return v_rows;
end
$$;

-- Writes all at once, or in turn when that does not go; adds what could not be written to the
-- conflicts.
create function jit.undo_write_all(
  p_shape jit.undo_shape, p_op text, p_old text[], p_new text[], p_places text[],
  p_step jit.row_change, p_conflicts jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_n bigint := cardinality(case when p_op = 'I' then p_new else p_old end);
  v_stuck bigint[] := '{}';
  v_more jsonb;
begin
  if coalesce(v_n, 0) = 0 then
    return jsonb_build_object('n', 0, 'conflicts', p_conflicts);
  end if;
  begin
    perform jit.undo_write(p_shape, p_op, p_old, p_new, p_places);
  exception when unique_violation or exclusion_violation then
    v_stuck := jit.undo_write_in_turn(p_shape, p_op, p_old, p_new, p_places);
  end;
  select jsonb_agg(jsonb_build_object(
           'key', jit.key_of(coalesce(p_old[i], p_new[i]), p_step.columns, p_step.keys),
           'what', 'another row has its unique value')) into v_more
  from unnest(v_stuck) i;
  return jsonb_build_object('n', v_n - cardinality(v_stuck),
                            'conflicts', p_conflicts || coalesce(v_more, '[]'));
end
$$;
