-- Brings one thing back exactly: name, schema, owner, rights, definition, values. Whoever calls
-- this has checked who may. What stands in the way is answered as a conflict, and nothing is done.
-- JT010 nothing of that number.
create function jit.undo_kept(p_seq bigint) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_kept jit.kept;
  v_rights record;
  v_back oid;
begin
  select * into v_kept from jit.kept k where k.seq = p_seq for update;
  if not found then
    raise exception 'nothing was kept under the number %', p_seq using errcode = 'JT010';
  elsif v_kept.restored_time is not null or v_kept.dropped_for_good_time is not null then
    return jit.conflict_of(v_kept, case when v_kept.restored_time is not null
      then 'it was brought back already' else 'it was dropped for good' end);
  end if;
  -- A table with changes that wait to be checked cannot be altered.
  set constraints all immediate;
  begin
    if v_kept.act = 'made' then
      perform jit.undo_made(v_kept);
    elsif v_kept.loss = 'rows' then
      perform jit.undo_rows_kept(v_kept);
    elsif v_kept.loss = 'column_type' then
      perform jit.undo_column_type(v_kept);
    else
      perform jit.take_steps(v_kept.undo);
      v_back := v_kept.object;
      if v_kept.loss = 'view' then
        v_back := format('%I.%I', v_kept.original_schema, v_kept.original_name)::regclass;
        -- Older steps of what belonged to it find it by its new number.
        update jit.kept k
        set undo = replace(k.undo::text, format('"%s"', v_kept.object),
                           format('"%s"', v_back))::jsonb
        where k.restored_time is null and k.seq < p_seq;
      end if;
      if v_kept.class in ('pg_class', 'pg_proc', 'pg_type', 'pg_namespace') then
        perform jit.change_rights(v_kept.class, v_back, v_kept.rights, true);
      end if;
      for v_rights in select key::oid as rel, value
                      from jsonb_each(coalesce(v_kept.details -> 'member_rights', '{}')) loop
        perform jit.change_rights('pg_class', v_rights.rel, v_rights.value, true);
      end loop;
    end if;
  exception
    when lock_not_available or deadlock_detected or serialization_failure then
      raise;
    when others then
      return jit.conflict_of(v_kept, sqlerrm);
  end;
  set constraints all deferred;
  update jit.kept set restored_time = clock_timestamp() where seq = p_seq;
  return jsonb_build_object('n', coalesce((v_kept.details ->> 'rows')::bigint, 0), 'already', 0,
                            'conflicts', '[]'::jsonb);
end
$$;

create function jit.conflict_of(p_kept jit.kept, p_why text) returns jsonb
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('n', 0, 'already', 0, 'conflicts', jsonb_build_array(
    jsonb_build_object('key', '', 'what', format('%s: %s', p_kept.what, p_why))))
$$;

-- The rows of a TRUNCATE, tables that others refer to first; triggers of the owner stay quiet.
create function jit.undo_rows_kept(p_kept jit.kept) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_left jsonb := p_kept.details -> 'copies';
  v_later jsonb;
  v_copy jsonb;
  v_rel oid;
  v_columns text;
  v_hush text;
  v_wake text;
  v_sequence jsonb;
begin
  while v_left <> '[]' loop
    v_later := '[]';
    for v_copy in select c from jsonb_array_elements(v_left) c loop
      v_rel := (v_copy ->> 'table')::oid;
      select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into v_columns
      from pg_attribute a
      where a.attrelid = v_rel and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
      select string_agg(format('alter table %s disable trigger %I; ', v_rel::regclass, t.tgname),
                        ''),
             string_agg(format('; alter table %s enable %s trigger %I', v_rel::regclass,
               case t.tgenabled when 'R' then 'replica' when 'A' then 'always' end, t.tgname), '')
      into v_hush, v_wake
      from pg_trigger t
      where t.tgrelid = v_rel and not t.tgisinternal and t.tgenabled <> 'D';
      begin
        perform jit.as_owner(pg_get_userbyid(jit.owner_of(v_rel))::name,
          concat(v_hush, format('insert into %1$s (%2$s) overriding system value'
                                ' select %2$s from @act.copy', v_rel::regclass, v_columns),
                 v_wake),
          (v_copy ->> 'copy')::oid);
      exception when foreign_key_violation then
        v_later := v_later || v_copy;  -- after the table it refers to
      end;
    end loop;
    if v_later = v_left then
      raise exception 'rows refer to what is not there' using errcode = 'JT021';
    end if;
    v_left := v_later;
  end loop;
  for v_sequence in select s from jsonb_array_elements(p_kept.details -> 'sequences') s loop
    -- The ALTER makes what follows part of this transaction.
    execute format('alter sequence %s restart', (v_sequence ->> 'sequence')::oid::regclass);
    perform setval((v_sequence ->> 'sequence')::oid::regclass, (v_sequence ->> 'last')::bigint,
                   (v_sequence ->> 'called')::boolean);
  end loop;
  for v_copy in select c from jsonb_array_elements(p_kept.details -> 'copies') c loop
    execute format('drop table %s', (v_copy ->> 'copy')::oid::regclass);
  end loop;
end
$$;

-- The type a column had, and its values where nobody changed what became of them.
create function jit.undo_column_type(p_kept jit.kept) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = off
set client_min_messages = warning
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 3
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
  v_rel constant oid := p_kept.object;
  v_copy constant oid := (p_kept.details ->> 'copy')::oid;
  v_type constant text := p_kept.details ->> 'type';
  v_now text;
  v_default text;
  v_changed text[];
  v_was record;
begin
  execute format('lock table %s in access exclusive mode', v_rel::regclass);
  select format_type(a.atttypid, a.atttypmod), pg_get_expr(f.adbin, f.adrelid)
  into v_now, v_default
  from pg_attribute a left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
  where a.attrelid = v_rel and a.attname = p_kept.part and not a.attisdropped;
  if v_now is null then
    raise exception 'the column is gone' using errcode = 'JT021';
  end if;
  if (p_kept.details ->> 'generated')::boolean then
    perform jit.as_owner(pg_get_userbyid(jit.owner_of(v_rel))::name,
      format('alter table %s alter column %I type %s', v_rel::regclass, p_kept.part, v_type));
  else
    execute format('select array_agg(key) from (select k.key from %1$s t join %2$s k'
                   ' on k.key = %3$s where case when t.%4$I is null then null'
                   ' else concat(t.%4$I) end is distinct from k.became limit 10) changed',
      v_rel::regclass, v_copy::regclass, jit.key_with_prefix(v_rel, 't'), p_kept.part)
      into v_changed;
    if v_changed is not null then
      raise exception 'values were changed since, in the rows with the keys %',
        array_to_string(v_changed, ', ') using errcode = 'JT021';
    end if;
    -- A row that came since has no old value; it is converted, or this fails.
    perform jit.as_owner(pg_get_userbyid(jit.owner_of(v_rel))::name, format(
      'create function @act.was(p_key text, p_now %1$s) returns %2$s language plpgsql stable as'
      ' $was$ declare v_was @act.copy; begin'
      ' select k.* into v_was from @act.copy k where k.key = p_key;'
      ' if found then return v_was.was; end if; return p_now::text; end $was$;'
      ' alter table %3$s %4$s alter column %5$I type %6$s using @act.was(%7$s, %5$I) %8$s;'
      ' drop function @act.was',
      v_now, p_kept.definition, v_rel::regclass,
      case when v_default is not null then format('alter column %I drop default,', p_kept.part) end,
      p_kept.part, v_type, jit.key_of(v_rel), ''), v_copy);
    if p_kept.details ->> 'default' is not null then
      execute format('alter table %s alter column %I set default %s', v_rel::regclass,
                     p_kept.part, p_kept.details ->> 'default');
    end if;
  end if;
  -- What now says the same with other words is made again from its own.
  for v_was in
    select c.oid, w.value as definition, obj_description(c.oid, 'pg_class') as comment
    from pg_index x join pg_class c on c.oid = x.indexrelid
    join jsonb_each_text(nullif(p_kept.details -> 'indexes', 'null')) w on w.key = c.relname
    where x.indrelid = v_rel and pg_get_indexdef(c.oid) <> w.value
      -- Not if the table has another name today.
      and strpos(w.value, format(' ON %s ', v_rel::regclass)) > 0
  loop
    v_now := v_was.oid::regclass;
    execute format('drop index %s', v_now);
    execute v_was.definition;
    if v_was.comment is not null then
      execute format('comment on index %s is %L', v_now, v_was.comment);
    end if;
  end loop;
  for v_was in
    select k.conname, w.value as definition, obj_description(k.oid, 'pg_constraint') as comment
    from pg_constraint k
    join jsonb_each_text(nullif(p_kept.details -> 'checks', 'null')) w on w.key = k.conname
    where k.conrelid = v_rel and k.contype = 'c' and pg_get_constraintdef(k.oid) <> w.value
  loop
    execute format('alter table %s drop constraint %I', v_rel::regclass, v_was.conname);
    perform jit.as_owner(pg_get_userbyid(jit.owner_of(v_rel))::name,
      format('alter table %s add constraint %I %s', v_rel::regclass, v_was.conname,
             v_was.definition));
    if v_was.comment is not null then
      execute format('comment on constraint %I on %s is %L', v_was.conname, v_rel::regclass,
                     v_was.comment);
    end if;
  end loop;
  execute format('drop table %s', v_copy::regclass);
end
$$;

-- What can be taken back, whatever it was: changes of rows, and what was kept or made.
create or replace view jit.undoable_step as
  select c.login, c.seq, c.at, 'rows'::text as kind,
         coalesce(r.relnamespace::regnamespace::name, c.nsp)::text as nsp,
         coalesce(r.relname, c.tbl)::text as tbl, c.op::text as op, c.rel, c.n
  from jit.row_change c left join pg_catalog.pg_class r on r.oid = c.root
  union all
  select k.login, k.seq, k.at, k.act, k.original_schema::text, k.original_name::text, k.loss,
         k.object, coalesce((k.details ->> 'rows')::bigint, 0)
  from jit.kept k
  where k.restored_time is null and k.loss <> 'column_values';
