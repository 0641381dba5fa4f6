-- Switches off what the owner attached to these tables, so that rows come back exactly and nothing
-- happens twice. The guard and foreign keys stay. Answers the statements that switch it on again.
create function jit.silence(p_rels oid[]) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_noise record;
  v_wake jsonb := '[]';
begin
  for v_noise in
    with tree as (
      select r as oid from unnest(p_rels) r
      union select t.relid from unnest(p_rels) r cross join lateral pg_partition_tree(r) t
    )
    select 'trigger' as kind, t.tgname as name, t.tgrelid as rel, t.tgenabled as was
    from tree join pg_trigger t on t.tgrelid = tree.oid join pg_proc p on p.oid = t.tgfoid
    where not t.tgisinternal and t.tgenabled in ('O', 'A')
      and p.pronamespace <> 'jit'::regnamespace
    union all
    select 'rule', w.rulename, w.ev_class, w.ev_enabled
    from tree join pg_rewrite w on w.ev_class = tree.oid
    where w.ev_type <> '1' and w.ev_enabled in ('O', 'A')
    order by 3, 2
  loop
    execute format('alter table only %s disable %s %I', v_noise.rel::regclass,
                   v_noise.kind, v_noise.name);
    -- By its number: a table that comes out of quarantine has another name then.
    v_wake := v_wake || jit.step(
      'alter table only %1$s' || jit.literally(format(' enable %s %s %I',
        case when v_noise.was = 'A' then 'always' else '' end, v_noise.kind, v_noise.name)),
      'pg_class', array[v_noise.rel]);
  end loop;
  return v_wake;
end
$$;

-- Tries one step. Null when it must wait: for a foreign key, or, while older steps wait, for what
-- they will put back. p_last: nothing else will come, so that is a conflict.
create function jit.undo_try(
  p_seq bigint, p_kind text, p_on_conflict text, p_passed text[], p_last boolean) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answer jsonb;
begin
  if p_kind = 'rows' then
    v_answer := jit.undo_rows(p_seq, p_on_conflict, p_passed);
  else
    v_answer := jit.undo_kept(p_seq);
  end if;
  if not p_last and jsonb_array_length(v_answer -> 'conflicts') > 0 then
    raise exception 'wait' using errcode = 'JT098';
  end if;
  return v_answer;
exception
  when foreign_key_violation or restrict_violation then
    if not p_last then
      return null;
    end if;
    return jsonb_build_object('n', 0, 'already', 0, 'conflicts', jsonb_build_array(
      jsonb_build_object('key', '', 'what', sqlerrm)));
  when sqlstate 'JT098' then
    return null;
end
$$;

-- Tries what waits until nothing moves any more, newest first; answers {step, answer} of those that
-- went.
create function jit.undo_again(p_waiting jsonb[], p_on_conflict text, p_passed jsonb)
returns jsonb[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_waiting jsonb[] := p_waiting;
  v_rest jsonb[];
  v_done jsonb[] := '{}';
  v_step jsonb;
  v_answer jsonb;
begin
  while v_waiting <> '{}' loop
    v_rest := '{}';
    foreach v_step in array v_waiting loop
      v_answer := jit.undo_try((v_step ->> 'seq')::bigint, v_step ->> 'kind', p_on_conflict,
                               jit.passed_of(p_passed, v_step), false);
      if v_answer is null then
        v_rest := v_rest || v_step;
      else
        v_done := v_done || jsonb_build_object('step', v_step, 'answer', v_answer);
      end if;
    end loop;
    exit when cardinality(v_rest) = cardinality(v_waiting);
    v_waiting := v_rest;
  end loop;
  return v_done;
end
$$;

-- Takes back what the caller was permitted to, newest first, all or nothing.
--   conflict   a row that stands in the way: its key and why
--   step       a statement that was taken back: n rows
--   total      at the end: n rows, and what became of it: 'undone', 'would be undone' (p_dry), or
--              'nothing was changed' because of conflicts
-- A step that fails waits for older ones of the same statement, after each of which it is tried
-- again: rows that went by a cascade are recorded after the statement that made them go. What waits
-- for another reason is tried again when all others are done, and not after each of them.
-- JT003 not permitted, JT011 images are gone, JT012 columns changed, JT013 undone already,
-- JT014 a row would not come out as it was, or would be carried to where it never was.
create function jit.undo(p_dry boolean)
returns table (
  kind text, seq bigint, nsp text, tbl text, op text, key text, what text, n bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 3
set bytea_output = 'hex'
set lc_monetary = 'C'
set xmloption = 'content'
set array_nulls = on
set jit = off
as $$
declare
  v_guard constant jit.guard := jit.runner();
  v_permit jit.undo_permit;
  v_steps jsonb;
  v_step jsonb;
  v_waiting jsonb[] := '{}';
  v_awaited text[] := '{}';   -- the statements of those that wait; '' is anything
  v_again jsonb[];
  v_answer jsonb;
  v_done jsonb[] := '{}';     -- {step, answer} of each: adding to jsonb would copy all before
  v_passed jsonb := '{}';     -- table: keys that had a conflict
  v_more jsonb[] := '{}';     -- conflicts that no step found by itself, as in v_done
  v_conflicts bigint := 0;
  v_first bigint;
  v_wake jsonb;
  v_statement text;
  v_n bigint := 0;
begin
  select * into v_permit from jit.undo_permit u where u.login = session_user;
  if not found then
    raise exception 'this login was not permitted to undo anything' using errcode = 'JT003';
  end if;
  if exists (select from jit.forgotten f
             where f.login = v_permit.source_login and f.last_at >= v_permit.since) then
    raise exception 'the images of rows of that time were removed: it cannot be undone any more'
      using errcode = 'JT011';
  end if;
  select coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object('statement', case
             when s.kind = 'rows' then md5(concat(c.xid, ' ', c.query)) else '' end)
           order by s.seq desc) filter (where u.seq is null), '[]'),
         min(u.login)
  into v_steps, v_statement
  from jit.undoable_step s left join jit.undone u on u.seq = s.seq
  left join jit.row_change c on c.seq = s.seq
  where s.login = v_permit.source_login and s.at >= v_permit.since
    and (v_permit.tables = '{}' or format('%s.%s', s.nsp, s.tbl) = any (v_permit.tables));
  if v_steps = '[]' and v_statement is not null then
    raise exception 'this was already undone, by %', v_statement using errcode = 'JT013';
  end if;

  begin
    set constraints all deferred;
    v_wake := jit.silence(array(
      select distinct (s ->> 'rel')::oid from jsonb_array_elements(v_steps) s
      join pg_class c on c.oid = (s ->> 'rel')::oid where s ->> 'kind' = 'rows'));
    v_first := nextval('jit.step_seq');
    -- Overwriting puts the newest state there first, whatever there is: nothing looks half way.
    if v_permit.on_conflict <> 'overwrite' then
      for v_step, v_answer in
        select s, jsonb_build_object('conflicts', jsonb_agg(b))
        from jsonb_array_elements(jit.undo_between(array(
               select (s ->> 'seq')::bigint from jsonb_array_elements(v_steps) s
               where s ->> 'kind' = 'rows'))) b
        join jsonb_array_elements(v_steps) s on s -> 'seq' = b -> 'seq'
        group by s
      loop
        v_passed := jit.passed_with(v_passed, v_step, v_answer);
        v_more := v_more || jsonb_build_object('step', v_step, 'answer', v_answer);
      end loop;
    end if;
    for v_step in select * from jsonb_array_elements(v_steps) loop
      v_answer := jit.undo_try((v_step ->> 'seq')::bigint, v_step ->> 'kind', v_permit.on_conflict,
                               jit.passed_of(v_passed, v_step), false);
      if v_answer is null then
        v_waiting := v_waiting || v_step;
        v_awaited := v_awaited || (v_step ->> 'statement');
        continue;
      end if;
      v_done := v_done || jsonb_build_object('step', v_step, 'answer', v_answer);
      -- Those that wait for this are newer than the next one: they come first.
      if v_awaited && array['', v_step ->> 'statement'] or v_step ->> 'statement' = '' then
        v_again := jit.undo_again(
          array(select w from unnest(v_waiting) with ordinality as u(w, i)
                where '' in (w ->> 'statement', v_step ->> 'statement')
                   or w ->> 'statement' = v_step ->> 'statement' order by i),
          v_permit.on_conflict, v_passed);
        v_done := v_done || v_again;
        v_waiting := jit.undo_rest(v_waiting, v_again);
        v_awaited := array(select w ->> 'statement' from unnest(v_waiting) w);
      end if;
    end loop;
    v_again := jit.undo_again(v_waiting, v_permit.on_conflict, v_passed);
    v_done := v_done || v_again;
    -- What still waits has nothing to wait for.
    foreach v_step in array jit.undo_rest(v_waiting, v_again) loop
      v_answer := jit.undo_try((v_step ->> 'seq')::bigint, v_step ->> 'kind', v_permit.on_conflict,
                               jit.passed_of(v_passed, v_step), true);
      v_passed := jit.passed_with(v_passed, v_step, v_answer);
      v_done := v_done || jsonb_build_object('step', v_step, 'answer', v_answer);
    end loop;
    select coalesce(sum(jsonb_array_length(d -> 'answer' -> 'conflicts')), 0),
           coalesce(sum((d -> 'answer' ->> 'n')::bigint), 0)
    into v_conflicts, v_n from unnest(v_done || v_more) d;
    set constraints all immediate;
    if v_conflicts = 0 or v_permit.on_conflict <> 'refuse' then
      v_answer := jit.undo_astray(v_permit.source_login, v_permit.since, array(
        select (s ->> 'seq')::bigint from jsonb_array_elements(v_steps) s
        where s ->> 'kind' = 'rows'), v_first);
      -- A row that was moved already cannot be left out, and must not be lost either.
      if v_answer <> '[]' and v_permit.on_conflict <> 'refuse' then
        raise exception '%.% % %', v_answer -> 0 ->> 'nsp', v_answer -> 0 ->> 'tbl',
          v_answer -> 0 ->> 'key', v_answer -> 0 ->> 'what'
          using errcode = 'JT014', detail = format('rows: %s', jsonb_array_length(v_answer));
      end if;
      v_more := v_more || array(
        select jsonb_build_object('step', a, 'answer',
                                  jsonb_build_object('conflicts', jsonb_build_array(a)))
        from jsonb_array_elements(v_answer) a);
      v_conflicts := v_conflicts + jsonb_array_length(v_answer);
    end if;
    perform jit.take_steps(v_wake);
    insert into jit.undone (seq, login)
    select (s ->> 'seq')::bigint, session_user from jsonb_array_elements(v_steps) s;
    -- Who undoes an undo puts what it had undone in force again.
    if v_permit.since = '-infinity' and v_permit.tables = '{}' and v_conflicts = 0 then
      delete from jit.undone u where u.login = v_permit.source_login;
    end if;
    if p_dry or v_conflicts > 0 and v_permit.on_conflict = 'refuse' then
      raise exception 'not for good' using errcode = 'JT099';
    end if;
  exception when sqlstate 'JT099' then
    null;  -- what was found out stays, what was done does not
  end;

  return query
    select 'conflict'::text, (d -> 'step' ->> 'seq')::bigint, d -> 'step' ->> 'nsp',
           d -> 'step' ->> 'tbl', d -> 'step' ->> 'op', c ->> 'key', c ->> 'what', 1::bigint
    from unnest(v_done || v_more) d
    cross join lateral jsonb_array_elements(d -> 'answer' -> 'conflicts') c;
  return query
    select 'step'::text, (d -> 'step' ->> 'seq')::bigint, d -> 'step' ->> 'nsp',
           d -> 'step' ->> 'tbl', d -> 'step' ->> 'op', null::text,
           case when (d -> 'answer' ->> 'already')::bigint > 0
                then format('%s rows were as before already', d -> 'answer' ->> 'already') end,
           (d -> 'answer' ->> 'n')::bigint
    from unnest(v_done) d;
  return query
    select 'total'::text, null::bigint, null::text, null::text, null::text, null::text,
           case when v_conflicts > 0 and v_permit.on_conflict = 'refuse' then 'nothing was changed'
                when p_dry then 'would be undone' else 'undone' end,
           case when v_conflicts > 0 and v_permit.on_conflict = 'refuse' then 0 else v_n end;
end
$$;

-- What waits without what went when it was tried again, in the same order.
create function jit.undo_rest(p_waiting jsonb[], p_done jsonb[]) returns jsonb[]
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select array(select w from unnest(p_waiting) with ordinality as u(w, i)
               where not exists (select from unnest(p_done) d
                                 where d -> 'step' -> 'seq' = w -> 'seq')
               order by i)
$$;

-- The keys of a step's table that had a conflict in a newer step, and the list with more of them.
create function jit.passed_of(p_passed jsonb, p_step jsonb) returns text[]
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select array(select jsonb_array_elements_text(
    coalesce(p_passed -> format('%s.%s', p_step ->> 'nsp', p_step ->> 'tbl'), '[]')))
$$;

create function jit.passed_with(p_passed jsonb, p_step jsonb, p_answer jsonb) returns jsonb
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select p_passed || jsonb_build_object(
    format('%s.%s', p_step ->> 'nsp', p_step ->> 'tbl'),
    coalesce(p_passed -> format('%s.%s', p_step ->> 'nsp', p_step ->> 'tbl'), '[]')
    || coalesce((select jsonb_agg(c -> 'key') from jsonb_array_elements(p_answer -> 'conflicts') c),
                '[]'))
$$;
