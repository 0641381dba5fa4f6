-- The views and materialized views that read these relations, the farthest first. `p_column` asks
-- for those that read this column.
create function jit.dependent_views(p_rels oid[], p_column smallint default null)
returns table (rel oid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with recursive reader(rel, depth) as (
    select r.ev_class, 1
    from pg_depend d join pg_rewrite r on r.oid = d.objid
    where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
      and d.refobjid = any (p_rels) and r.ev_class <> all (p_rels)
      and (p_column is null or d.refobjsubid = p_column)
    union
    select r.ev_class, reader.depth + 1
    from reader
    join pg_depend d on d.refobjid = reader.rel and d.refclassid = 'pg_class'::regclass
    join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    where r.ev_class <> reader.rel
  )
  select reader.rel
  from reader join pg_class c on c.oid = reader.rel
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and n.nspname not like 'jit\_quarantine%'
  group by reader.rel order by max(reader.depth) desc, reader.rel desc
$$;

-- Keeps every view that CASCADE would take along, each on its own.
create function jit.keep_dependent_views(p_rels oid[], p_column smallint default null) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rel oid;
  v_text text := '';
begin
  for v_rel in select d.rel from jit.dependent_views(p_rels, p_column) d loop
    v_text := v_text || '; '
      || case jit.word_of('pg_class', v_rel) when 'view' then jit.keep_view(v_rel, false)
           else jit.keep_materialized_view(v_rel, false) end;
  end loop;
  return v_text;
end
$$;

-- Keeps the foreign keys of other tables that point at these.
create function jit.keep_incoming_keys(p_rels oid[]) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key oid;
  v_text text := '';
begin
  for v_key in
    select k.oid from pg_constraint k
    where k.contype = 'f' and k.confrelid = any (p_rels) and k.conrelid <> all (p_rels)
      and k.conparentid = 0
    order by k.oid
  loop
    v_text := v_text || '; ' || jit.keep_constraint(v_key, false);
  end loop;
  return v_text;
end
$$;

-- The statement that makes a constraint again.
create function jit.step_for_constraint(p_constraint oid) returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jit.step(
    format('alter table %%1$s add constraint %s %s',
      jit.literally(quote_ident(k.conname)),
      case when k.contype = 'f' then
        replace(jit.literally(pg_get_constraintdef(k.oid)),
                ' REFERENCES ' || jit.literally(k.confrelid::regclass::text) || '(',
                ' REFERENCES %2$s(')
      else jit.literally(pg_get_constraintdef(k.oid)) end),
    'pg_class', case when k.contype = 'f' then array[k.conrelid, k.confrelid]
                     else array[k.conrelid] end,
    -- A check is the owner's code; a foreign key may point to where the owner cannot look.
    case when k.contype <> 'f' then pg_get_userbyid(c.relowner) end)
  from pg_constraint k join pg_class c on c.oid = k.conrelid where k.oid = p_constraint
$$;

-- Moves a table with its partitions into quarantine. What PostgreSQL would refuse is refused in its
-- words; with CASCADE views and foreign keys are kept too, and anything else that depends on it is
-- still refused. Its own foreign keys are recorded and dropped: they would bind the living tables.
create function jit.keep_table(p_rel oid, p_cascade boolean, p_beside oid[] default '{}')
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('table %s', p_rel::regclass);
  v_table record;
  v_members oid[];
  v_parent record;
  v_key record;
  v_member oid;
  v_rights jsonb;
  v_more jsonb := '{}';
  v_seq bigint;
  v_first jsonb := '[]';
  v_undo jsonb := '[]';
  v_last jsonb := '[]';
  v_also text := '';
  v_rows bigint;
begin
  select c.*, n.nspname into v_table
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_rel;
  with recursive member(oid) as (
    select p_rel
    union select i.inhrelid from pg_inherits i join member on member.oid = i.inhparent
          join pg_class c on c.oid = i.inhrelid where c.relispartition or p_cascade
  ) select array_agg(oid) into v_members from member;

  if p_cascade then
    v_also := jit.keep_incoming_keys(v_members) || jit.keep_dependent_views(v_members);
  end if;
  perform jit.refuse_as_postgres(
    'drop table ' || (select string_agg(distinct o::regclass::text, ', ')
                      from unnest(v_members || p_beside) o
                      join pg_class c on c.oid = o where c.relkind in ('r', 'p')),
    'pg_class', v_members || p_beside);
  v_rows := jit.rows_in(v_members);
  v_seq := nextval('jit.step_seq');

  for v_parent in
    select i.inhparent, c.relispartition, pg_get_expr(c.relpartbound, c.oid) as bound,
           (select pg_get_userbyid(q.relowner) from pg_class q where q.oid = i.inhparent) as owner
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhrelid = p_rel
  loop
    if v_parent.relispartition then
      execute format('alter table %s detach partition %s', v_parent.inhparent::regclass,
                     p_rel::regclass);
      v_last := v_last || jit.step(
        format('alter table %%1$s attach partition %%2$s %s', jit.literally(v_parent.bound)),
        'pg_class', array[v_parent.inhparent, p_rel], v_parent.owner);
    else
      execute format('alter table %s no inherit %s', p_rel::regclass,
                     v_parent.inhparent::regclass);
      v_last := v_last || jit.step('alter table %1$s inherit %2$s', 'pg_class',
                                   array[p_rel, v_parent.inhparent]);
    end if;
  end loop;

  for v_key in
    select k.oid, k.conname, k.conrelid, obj_description(k.oid, 'pg_constraint') as comment
    from pg_constraint k
    where k.contype = 'f' and k.conrelid = any (v_members) and k.confrelid <> all (v_members)
      and k.conparentid = 0
    order by k.oid
  loop
    v_first := v_first || jit.step_for_constraint(v_key.oid);
    if v_key.comment is not null then
      v_first := v_first || jit.step(
        jit.literally(format('comment on constraint %I on ', v_key.conname)) || '%1$s'
        || jit.literally(format(' is %L', v_key.comment)), 'pg_class', array[v_key.conrelid]);
    end if;
    execute format('alter table %s drop constraint %I', v_key.conrelid::regclass, v_key.conname);
  end loop;

  foreach v_member in array v_members loop
    v_rights := jit.rights_of('pg_class', v_member);
    perform jit.change_rights('pg_class', v_member, v_rights, false);
    v_undo := v_undo || jit.move_relation(v_member, v_seq, v_member = p_rel);
    if v_member <> p_rel and v_rights <> '[]' then
      v_more := v_more || jsonb_build_object(v_member::text, v_rights);
    elsif v_member = p_rel then
      v_more := v_more || jsonb_build_object(p_rel::text, v_rights);
    end if;
  end loop;

  perform jit.note_kept(v_seq, 'table', v_what, 'pg_class', p_rel, v_table.relowner,
    v_table.nspname, v_table.relname, null, p_rel::regclass::text, v_more -> p_rel::text, null,
    v_undo || v_first || v_last,
    jsonb_build_object('members', to_jsonb(v_members), 'member_rights', v_more - p_rel::text,
                       'rows', v_rows));
  return format('%s (about %s rows%s) moved to quarantine as %s%s', v_what, jit.in_digits(v_rows),
    case when cardinality(v_members) > 1
      then format(', %s partitions', cardinality(v_members) - 1) end,
    p_rel::regclass, v_also);
end
$$;
