-- The columns of a primary key as one expression, whose text finds a row again.
create function jit.key_of(p_rel oid) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select format('concat(row(%s))', string_agg(quote_ident(a.attname), ', ' order by k.place))
  from pg_index x
  cross join unnest(x.indkey) with ordinality as k(attnum, place)
  join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.attnum
  where x.indrelid = p_rel and x.indisprimary
  having count(*) > 0
$$;

-- Keeps key and value of every row before a column changes its type.
create function jit.keep_column_type(p_rel oid, p_column smallint) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
set row_security = off
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 3
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
  v_key constant text := jit.key_of(p_rel);
  v_column record;
  v_what text;
  v_seq bigint;
  v_kept name;
  v_rows bigint;
begin
  select a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attgenerated, a.attnotnull,
         case when a.attcollation <> 0 and a.attcollation <> t.typcollation
           then format(' collate %s', a.attcollation::regcollation) end as collation,
         pg_get_expr(f.adbin, f.adrelid) as expression
  into strict v_column
  from pg_attribute a join pg_type t on t.oid = a.atttypid
  left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
  where a.attrelid = p_rel and a.attnum = p_column;
  v_what := format('type %s of column %s.%I', v_column.type, p_rel::regclass, v_column.attname);
  if v_key is null then
    raise exception 'the % cannot be kept: the table has no primary key to find its rows by',
      v_what using errcode = 'JT020';
  end if;
  v_seq := nextval('jit.step_seq');
  v_kept := format('k%s_%s_%s', v_seq, p_rel, v_column.attname)::name;
  -- The table is ours alone until the end, as it will be for the statement that follows.
  execute format('lock table %s in access exclusive mode', p_rel::regclass);
  execute format('create table jit_quarantine.%I as select %s as key, %I as was,'
                 ' null::text as became from %s', v_kept, v_key, v_column.attname,
                 p_rel::regclass);
  get diagnostics v_rows = row_count;
  execute format('alter table jit_quarantine.%I add primary key (key)', v_kept);
  perform jit.note_kept(v_seq, 'column_type', v_what, 'pg_class', p_rel, jit.owner_of(p_rel),
    (select c.relnamespace::regnamespace::name from pg_class c where c.oid = p_rel),
    (select c.relname from pg_class c where c.oid = p_rel), v_column.attname,
    format('jit_quarantine.%I', v_kept), null, v_column.type, '[]',
    jsonb_build_object('table', p_rel, 'copy', format('jit_quarantine.%I', v_kept)::regclass::oid,
      'type', v_column.type || coalesce(v_column.collation, ''), 'default', v_column.expression,
      'generated', v_column.attgenerated <> '', 'rows', v_rows,
      -- Their expressions gather casts on the way there and back.
      'indexes', (select jsonb_object_agg(c.relname, pg_get_indexdef(c.oid))
                  from pg_index x join pg_class c on c.oid = x.indexrelid
                  where x.indrelid = p_rel and not c.relispartition
                    and (x.indpred is not null or x.indexprs is not null)
                    and not exists (select from pg_constraint k where k.conindid = c.oid)),
      'checks', (select jsonb_object_agg(k.conname, pg_get_constraintdef(k.oid))
                 from pg_constraint k
                 where k.conrelid = p_rel and k.contype = 'c' and k.coninhcount = 0)));
  return format('%s: %s values copied to quarantine', v_what, jit.in_digits(v_rows));
end
$$;

-- What the values became, so that an undo can tell them from later changes. Called after the
-- statement, or by itself when the transaction commits.
create function jit.note_column_type(p_seq bigint) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 3
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
  v_kept jit.kept;
  v_rows bigint;
  v_lost boolean;
begin
  select * into strict v_kept from jit.kept k where k.seq = p_seq;
  if v_kept.details ? 'noted' then
    return;
  end if;
  execute format('update %1$s k set became = case when t.%2$I is null then null'
                 ' else concat(t.%2$I) end from %3$s t where k.key = %4$s',
    (v_kept.details ->> 'copy')::oid::regclass, v_kept.part, v_kept.object::regclass,
    jit.key_with_prefix(v_kept.object, 't'));
  get diagnostics v_rows = row_count;
  -- A key whose own text changed finds none of its rows again.
  v_lost := v_rows < (v_kept.details ->> 'rows')::bigint
    and exists (select from pg_index x join pg_attribute a on a.attrelid = x.indrelid
                  and a.attnum = any (x.indkey)
                where x.indrelid = v_kept.object and x.indisprimary and a.attname = v_kept.part);
  if v_lost then
    raise exception 'the % cannot be kept: it is part of the primary key and changed its values',
      v_kept.what using errcode = 'JT020';
  end if;
  update jit.kept set details = details || '{"noted": true}' where seq = p_seq;
end
$$;

create function jit.key_with_prefix(p_rel oid, p_prefix text) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select format('concat(row(%s))',
                string_agg(format('%s.%I', p_prefix, a.attname), ', ' order by k.place))
  from pg_index x
  cross join unnest(x.indkey) with ordinality as k(attnum, place)
  join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.attnum
  where x.indrelid = p_rel and x.indisprimary
$$;

create or replace function jit.note_column_type_late() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass((select k.kept_as from jit.kept k where k.seq = new.seq)) is not null then
    perform jit.note_column_type(new.seq);
  end if;
  return null;
end
$$;
drop trigger if exists note_column_type on jit.kept;
create constraint trigger note_column_type after insert on jit.kept
  deferrable initially deferred for each row when (new.loss = 'column_type')
  execute function jit.note_column_type_late();
