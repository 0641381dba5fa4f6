-- Renames a column out of the way and takes away what made it matter: NOT NULL, default, rights,
-- and the constraints and indexes that go with a column that is dropped.
create function jit.keep_column(p_rel oid, p_column smallint, p_cascade boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_name name;
  v_what text;
  v_kept name;
  v_drop text;
  v_seq bigint;
  v_column record;
  v_thing record;
  v_rights jsonb;
  v_undo jsonb := '[]';
  v_after jsonb := '[]';
  v_also text := '';
  v_members oid[];
begin
  select a.attname into strict v_name
  from pg_attribute a where a.attrelid = p_rel and a.attnum = p_column;
  v_what := format('column %s.%I', p_rel::regclass, v_name);
  v_drop := format('alter table %s drop column %I', p_rel::regclass, v_name);
  with recursive member(oid, depth) as (
    select p_rel, 0
    union all select i.inhrelid, m.depth + 1 from pg_inherits i join member m on m.oid = i.inhparent
  ) select array_agg(oid order by depth desc) into v_members from member;
  if p_cascade then
    for v_thing in
      select distinct k.oid from pg_constraint k
      where k.contype = 'f' and k.confrelid = any (v_members) and k.conrelid <> all (v_members)
        and p_column = any (k.confkey) and k.conparentid = 0
    loop
      v_also := v_also || '; ' || jit.keep_constraint(v_thing.oid, false);
    end loop;
    for v_thing in
      select distinct d.classid::regclass::text as class, d.objid from pg_depend d
      where d.classid in ('pg_policy'::regclass, 'pg_trigger'::regclass) and d.deptype = 'n'
        and d.refclassid = 'pg_class'::regclass and d.refobjid = p_rel and d.refobjsubid = p_column
    loop
      v_also := v_also || '; ' || case v_thing.class
        when 'pg_policy' then jit.keep_policy(v_thing.objid) else jit.keep_trigger(v_thing.objid)
        end;
    end loop;
    v_also := v_also || jit.keep_dependent_views(v_members, p_column);
  end if;
  perform jit.refuse_as_postgres(v_drop, 'pg_class', array[p_rel]);
  v_seq := nextval('jit.step_seq');
  v_kept := format('jit_kept_%s_%s', v_seq, v_name)::name;

  for v_thing in
    select k.oid, k.conname, k.conrelid, obj_description(k.oid, 'pg_constraint') as comment
    from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and a.attname = v_name
    where k.conrelid = any (v_members) and a.attnum = any (k.conkey)
      and k.contype in ('c', 'f', 'p', 'u', 'x') and k.conparentid = 0 and k.coninhcount = 0
    order by case k.contype when 'f' then 0 else 1 end, k.oid
  loop
    v_after := case when v_thing.comment is null then '[]' else jsonb_build_array(jit.step(
        jit.literally(format('comment on constraint %I on ', v_thing.conname)) || '%1$s'
        || jit.literally(format(' is %L', v_thing.comment)), 'pg_class',
        array[v_thing.conrelid])) end || v_after;
    v_after := jsonb_build_array(jit.step_for_constraint(v_thing.oid)) || v_after;
    execute format('alter table %s drop constraint %I', v_thing.conrelid::regclass,
                   v_thing.conname);
  end loop;
  for v_thing in
    select distinct x.indexrelid, x.indrelid, c.relname, c.relkind,
           obj_description(x.indexrelid, 'pg_class') as comment
    from pg_index x join pg_class c on c.oid = x.indexrelid
    join pg_attribute a on a.attrelid = x.indrelid and a.attname = v_name
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = x.indexrelid
      and d.refclassid = 'pg_class'::regclass and d.refobjid = x.indrelid
      and d.refobjsubid = a.attnum
    where x.indrelid = any (v_members) and not c.relispartition
  loop
    v_after := v_after || jit.step(
      replace(jit.literally(pg_get_indexdef(v_thing.indexrelid)),
              format(' ON %s%s ', case when v_thing.relkind = 'I' then 'ONLY ' end,
                     jit.literally(v_thing.indrelid::regclass::text)), ' ON %1$s '),
      'pg_class', array[v_thing.indrelid]);
    if v_thing.comment is not null then
      v_after := v_after || jit.step(format('comment on index %s is %L',
                                            v_thing.indexrelid::regclass, v_thing.comment));
    end if;
    execute format('drop index %s', v_thing.indexrelid::regclass);
  end loop;

  v_undo := jsonb_build_array(jit.step(
    format('alter table %%1$s rename column %I to ', v_kept)
    || jit.literally(quote_ident(v_name)), 'pg_class', array[p_rel]));
  for v_column in
    select a.attrelid, a.attnotnull, a.attidentity, a.attgenerated, m.place,
           pg_get_expr(f.adbin, f.adrelid) as expression
    from unnest(v_members) with ordinality as m(oid, place)
    join pg_attribute a on a.attrelid = m.oid and a.attname = v_name
    left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
    order by m.place desc
  loop
    continue when v_column.attgenerated <> '';
    if v_column.expression is not null then
      v_undo := v_undo || jit.step(
        jit.literally(format('alter table only ')) || '%1$s'
        || jit.literally(format(' alter column %I set default %s', v_name, v_column.expression)),
        'pg_class', array[v_column.attrelid]);
      execute format('alter table only %s alter column %I drop default',
                     v_column.attrelid::regclass, v_name);
    end if;
    -- An identity column goes on counting by itself, and would not let go of its NOT NULL.
    if v_column.attnotnull and v_column.attidentity = '' then
      v_after := jsonb_build_array(jit.step(
        jit.literally('alter table ') || '%1$s'
        || jit.literally(format(' alter column %I set not null', v_name)),
        'pg_class', array[v_column.attrelid])) || v_after;
      execute format('alter table %s alter column %I drop not null', v_column.attrelid::regclass,
                     v_name);
    end if;
  end loop;
  select coalesce(jsonb_agg(r), '[]') into v_rights
  from jsonb_array_elements(jit.rights_of('pg_class', p_rel)) r where r ->> 'part' = v_name;
  perform jit.change_rights('pg_class', p_rel, v_rights, false);
  execute format('alter table %s rename column %I to %I', p_rel::regclass, v_name, v_kept);
  perform jit.note_kept(v_seq, 'column', v_what, 'pg_class', p_rel, jit.owner_of(p_rel),
    (select c.relnamespace::regnamespace::name from pg_class c where c.oid = p_rel),
    (select c.relname from pg_class c where c.oid = p_rel), v_name,
    format('%s.%I', p_rel::regclass, v_kept), v_rights, null, v_undo || v_after,
    jsonb_build_object('table', p_rel, 'column', v_kept));
  return format('%s hidden as %I%s', v_what, v_kept, v_also);
end
$$;
