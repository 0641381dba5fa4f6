-- What runs inside the statements of our logins. Replaced and never dropped: triggers of tables
-- depend on it. What is called for every statement is PL/pgSQL, which keeps its plans.
--
-- No code of a table's owner may run here, since jit_owner can make roles: rows become text through
-- the output functions of their types and through nothing else, casts and JSON included.

-- The guard of who is writing, or the reason why they may not. Without a row of its own a login is
-- recorded, and has no ceilings. What is asked is the end of an index each time, also when a table
-- was empty as the plan was made.
create function jit.guard_of_writer() returns jit.guard
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_guard jit.guard;
  v_until timestamptz;
begin
  select i.valid_until into v_until
  from jit.issued i join pg_catalog.pg_roles r on r.rolname = i.login
  where i.login = session_user and r.rolcanlogin;
  select * into v_guard from jit.guard g where g.login = session_user;
  if v_until is null or least(v_until, v_guard.valid_until) <= clock_timestamp() then
    raise exception 'jit-access: expired lease, % changes nothing any more', session_user
      using errcode = '42501', hint = 'Ask for a new lease.';
  end if;
  if v_guard.session_rows_max is not null then
    v_guard.used_rows := greatest(
      v_guard.used_rows, (select u.used_rows from jit.guard_use u where u.login = session_user
                          order by u.used_rows desc limit 1));
  end if;
  return v_guard;
end
$$;

-- The first rows that a transaction adds to what its login has used: waits for the transactions
-- that have done so before, and then sees what they have added. Answers the sum.
create function jit.use_first_rows(p_n bigint) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_used bigint;
begin
  perform from jit.guard g where g.login = session_user for no key update;
  v_used := (jit.guard_of_writer()).used_rows + p_n;
  update jit.guard g set used_rows = v_used, used_xid = pg_current_xact_id()
  where g.login = session_user;
  return v_used;
end
$$;

-- Before a statement: refuses the expired, sets the early brake, and notes the number and the cause
-- of what is about to happen. Cascades work inside a query of the server, others inside a trigger.
create or replace function jit.before_statement() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_guard constant jit.guard := jit.guard_of_writer();
  v_seq constant bigint := nextval('jit.step_seq');
  v_setting constant text := format('jit.note_%s_%s', tg_relid, lower(left(tg_op, 1)));
  v_cause text := 'statement';
  v_context text;
begin
  if pg_trigger_depth() > 1 then
    get diagnostics v_context = pg_context;
    v_cause := case when split_part(v_context, e'\n', 2) ~
                      '^SQL statement "(DELETE FROM|UPDATE) (ONLY )?"' then 'cascade'
                    else 'trigger' end;
  end if;
  perform set_config(v_setting,
    concat_ws(',', nullif(current_setting(v_setting, true), ''), jit.sealed(v_seq, v_cause)), true);
  perform set_config('jit.left',
    coalesce(least(v_guard.statement_rows_max, v_guard.session_rows_max - v_guard.used_rows)::text,
             ''), true);
  return null;
end
$$;

-- A note: the number, the cause, and a seal that only we can make and that fits this transaction.
create function jit.sealed(p_seq bigint, p_cause text) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select format('%s:%s:%s', p_seq, p_cause,
             left(encode(sha256(convert_to(
               concat_ws(':', s.secret, session_user, pg_current_xact_id(), p_seq, p_cause),
               'UTF8')), 'hex'), 32))
    from jit.seal s);
end
$$;

-- The early brake, per row. The caller can reach its counter; what counts is after_statement. No
-- SET clause and no table, because it is called for every row.
create or replace function jit.brake_row() returns trigger
language plpgsql
as $$
declare
  v_left constant pg_catalog.int8 :=
    pg_catalog.current_setting('jit.left')::pg_catalog.int8 operator(pg_catalog.-) 1;
begin
  if v_left operator(pg_catalog.<) 0 then
    raise exception 'jit-access: the ceiling of rows is reached in %.%', tg_table_schema,
      tg_table_name
      using errcode = '54000',
            hint = 'Narrow the WHERE, or take it through `jit-access change`.';
  end if;
  perform pg_catalog.set_config('jit.left', v_left::pg_catalog.text, true);
  if tg_op operator(pg_catalog.=) 'DELETE' then
    return old;
  end if;
  return new;
end
$$;

-- After a statement: counts, compares with the ceilings, and stores every row as it was and is.
create or replace function jit.after_statement() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 3
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
  v_guard jit.guard := jit.guard_of_writer();
  v_op constant text := left(tg_op, 1);
  v_name constant text := format('%I.%I', tg_table_schema, tg_table_name);
  v_hint constant text := 'Narrow the WHERE, or take it through `jit-access change`.';
  v_setting constant text := format('jit.note_%s_%s', tg_relid, lower(v_op));
  v_notes text[] := string_to_array(nullif(current_setting(v_setting, true), ''), ',');
  v_note text := v_notes[cardinality(v_notes)];
  v_seq bigint;
  v_cause text;
  v_n bigint;
  v_rows_max bigint;
  v_rows bigint;
  v_keys text[];
  v_columns text[];
  v_types text[];
  v_key_changed boolean := false;
begin
  -- The newest note is ours: statements inside ours have ended and taken theirs.
  if v_note is not null then
    perform set_config(v_setting,
      array_to_string(v_notes[1:cardinality(v_notes) - 1], ','), true);
  end if;
  if tg_op = 'DELETE' then
    select count(*) into v_n from jit_old;
  else
    select count(*) into v_n from jit_new;
    if tg_op = 'UPDATE' then  -- a row that a trigger kept from reaching another partition
      select greatest(v_n, count(*)) into v_n from jit_old;
    end if;
  end if;
  if v_n = 0 then
    return null;
  end if;

  if v_n > v_guard.statement_rows_max then
    raise exception 'jit-access: % would change % rows of %, the ceiling of one statement is %',
      tg_op, v_n, v_name, v_guard.statement_rows_max
      using errcode = '54000', hint = v_hint;
  end if;
  if v_guard.session_rows_max is not null then
    if v_guard.used_xid = pg_current_xact_id() then
      v_guard.used_rows := v_guard.used_rows + v_n;
      insert into jit.guard_use (login, used_rows) values (session_user, v_guard.used_rows);
    else
      v_guard.used_rows := jit.use_first_rows(v_n);
    end if;
    if v_guard.used_rows > v_guard.session_rows_max then
      raise exception 'jit-access: with % rows of % this lease would have changed % rows,'
        ' its ceiling is %', v_n, v_name, v_guard.used_rows, v_guard.session_rows_max
        using errcode = '54000', hint = v_hint;
    end if;
  end if;
  -- Nothing is more than the whole of a table.
  if tg_op <> 'INSERT' and v_n > v_guard.share_floor and v_guard.share_max < 1 then
    -- Whether the table has more rows than would make this share too large: that many are looked
    -- at and no more.
    v_rows_max := floor(v_n / greatest(v_guard.share_max, 1e-9));
    v_rows := jit.rows_up_to(tg_relid, v_rows_max + 1);
    if tg_op = 'DELETE' then
      v_rows := v_rows + v_n;
    end if;
    if v_rows <= v_rows_max then
      raise exception
        'jit-access: % would change % of % rows of %, the ceiling is % %% of a table', tg_op, v_n,
        v_rows, v_name, round((v_guard.share_max * 100)::numeric, 2)
        using errcode = '54000', hint = v_hint;
    end if;
  end if;

  select coalesce(array_agg(a.attname::text order by a.attnum)
                  filter (where a.attnum = any (x.indkey)), '{}'),
         array_agg(a.attname::text order by a.attnum),
         array_agg(format_type(a.atttypid, null) order by a.attnum)
  into v_keys, v_columns, v_types
  from pg_attribute a left join pg_index x on x.indrelid = tg_relid and x.indisprimary
  where a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped;
  if v_guard.purpose = 'interactive' and v_keys = '{}'
     and format('%s.%s', tg_table_schema, tg_table_name) <> all (v_guard.allow_keyless) then
    raise exception 'jit-access: % has no primary key and this lease was not approved for it',
      v_name
      using errcode = '55000', hint = 'Ask for a lease that names the table, or use `jit-access'
        ' change`.';
  end if;
  if tg_op = 'UPDATE' and v_keys <> '{}' then
    execute (
      select format('select exists (select %1$s from jit_old except select %1$s from jit_new)',
                    string_agg(quote_ident(k), ', '))
      from unnest(v_keys) k) into v_key_changed;
    if v_key_changed and v_guard.purpose = 'interactive' then
      raise exception 'jit-access: UPDATE would change the primary key of rows of %', v_name
        using errcode = '55000', hint = 'Take it through `jit-access change`.';
    end if;
  end if;

  v_seq := split_part(v_note, ':', 1)::bigint;
  v_cause := split_part(v_note, ':', 2);
  if v_note is null or v_note <> jit.sealed(v_seq, v_cause) then
    v_seq := nextval('jit.step_seq');
    v_cause := case when pg_trigger_depth() > 1 then 'trigger' else 'statement' end;
  end if;
  insert into jit.row_change (
    seq, login, xid, rel, nsp, tbl, root, op, n, cause, signature, columns, types, keys, has_key,
    key_changed, query)
  values (v_seq, session_user, pg_current_xact_id(), tg_relid, tg_table_schema, tg_table_name,
          nullif(pg_partition_root(tg_relid), tg_relid)::oid, v_op::"char", v_n, v_cause,
          jit.signature_of(tg_relid), v_columns, v_types, v_keys, v_keys <> '{}', v_key_changed,
          left(current_query(), 4000));
  -- Two plain inserts: a join of the two would be planned for the first call and kept.
  if tg_op <> 'INSERT' then
    insert into jit.row_image (seq, i, post, img)
    select v_seq, row_number() over (), false, concat(jit_old) from jit_old;
  end if;
  if tg_op <> 'DELETE' then
    insert into jit.row_image (seq, i, post, img)
    select v_seq, row_number() over (), true, concat(jit_new) from jit_new;
  end if;
  return null;
end
$$;

-- What a row's text can be read with: names, types and order of the columns.
create function jit.signature_of(p_rel oid) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select string_agg(format('%s:%s:%s', attname, atttypid, atttypmod), ',' order by attnum)
    from pg_attribute where attrelid = p_rel and attnum > 0 and not attisdropped);
end
$$;

-- How many rows a table has, counted up to a limit; by the statistics where policies would hide
-- some from us.
create function jit.rows_up_to(p_rel oid, p_limit bigint) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
  v_rows bigint;
begin
  execute format('select count(*) from (select from %s limit %s) as limited', p_rel::regclass,
                 p_limit) into v_rows;
  return v_rows;
exception when insufficient_privilege then
  return (select coalesce(sum(greatest(c.reltuples, 0)), 0)
          from pg_partition_tree(p_rel) t join pg_class c on c.oid = t.relid where t.isleaf);
end
$$;

-- TRUNCATE leaves no images. A change may do it when a copy was kept first.
create or replace function jit.before_truncate() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_guard constant jit.guard := jit.guard_of_writer();
begin
  if v_guard.purpose in ('rehearsal', 'execution') and jit.kept_for_truncate(tg_relid) then
    return null;
  end if;
  raise exception 'jit-access: TRUNCATE of %.% is not allowed', tg_table_schema, tg_table_name
    using errcode = '42501', hint = 'Take it through `jit-access change`.';
end
$$;
