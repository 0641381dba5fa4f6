-- What can be said on a relation besides its definition, as steps: comments, triggers, rules.
create function jit.steps_for_belongings(p_rel oid, p_name text) returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jit.step(s.sql) order by s.place, s.sql), '[]')
  from (
    select 1 as place, format('alter %s %s alter column %I set default %s',
             jit.word_of('pg_class', p_rel), p_name, a.attname,
             pg_get_expr(f.adbin, f.adrelid)) as sql
    from pg_attrdef f join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
    where f.adrelid = p_rel and jit.word_of('pg_class', p_rel) = 'view'
    union all
    select 2, format('comment on %s %s is %L',
             case when d.objsubid = 0 then jit.word_of('pg_class', p_rel) else 'column' end,
             p_name || coalesce('.' || quote_ident(a.attname), ''), d.description)
    from pg_description d
    left join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and a.attnum > 0
    where d.objoid = p_rel and d.classoid = 'pg_class'::regclass
    union all
    select 3, pg_get_triggerdef(t.oid) from pg_trigger t
    where t.tgrelid = p_rel and not t.tgisinternal
    union all
    select 4, pg_get_ruledef(r.oid) from pg_rewrite r
    where r.ev_class = p_rel and r.rulename <> '_RETURN'
  ) s
$$;

-- A view is its definition: it is recorded with all that is said on it, and dropped. Moved away it
-- would stand in the way of whoever changes the tables it reads.
create function jit.keep_view(p_rel oid, p_cascade boolean, p_beside oid[] default '{}')
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('view %s', p_rel::regclass);
  v_name constant text := p_rel::regclass::text;
  v_view record;
  v_seq bigint;
  v_also text := '';
  v_definition text;
  v_undo jsonb;
begin
  if p_cascade then
    v_also := jit.keep_dependent_views(array[p_rel]);
  end if;
  perform jit.refuse_as_postgres(
    'drop view ' || (select string_agg(distinct o::regclass::text, ', ')
                     from unnest(p_rel || p_beside) o
                     join pg_class c on c.oid = o where c.relkind = 'v'),
    'pg_class', p_rel || p_beside);
  if exists (select from jit.dependent_views(array[p_rel])) then
    raise exception '% is read by another view of the same statement: drop that one first', v_what
      using errcode = 'JT020';
  end if;
  select c.*, n.nspname into v_view
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_rel;
  v_definition := format('create view %s%s as %s', v_name,
    (select ' with (' || string_agg(o, ', ') || ')' from unnest(v_view.reloptions) o),
    rtrim(pg_get_viewdef(p_rel), ';'));
  v_undo := jsonb_build_array(jit.step(v_definition),
              jit.step(format('alter view %s owner to %I', v_name,
                              pg_get_userbyid(v_view.relowner))))
            || jit.steps_for_belongings(p_rel, v_name);
  v_seq := nextval('jit.step_seq');
  perform jit.note_kept(v_seq, 'view', v_what, 'pg_class', p_rel, v_view.relowner, v_view.nspname,
    v_view.relname, null, null, jit.rights_of('pg_class', p_rel), v_definition, v_undo);
  execute format('drop view %s', p_rel::regclass);
  return format('%s recorded under %s and dropped%s', v_what, v_seq, v_also);
end
$$;

create function jit.keep_materialized_view(
  p_rel oid, p_cascade boolean, p_beside oid[] default '{}') returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('materialized view %s', p_rel::regclass);
  v_view record;
  v_seq bigint;
  v_also text := '';
  v_rights constant jsonb := jit.rights_of('pg_class', p_rel);
  v_undo jsonb;
begin
  if p_cascade then
    v_also := jit.keep_dependent_views(array[p_rel]);
  end if;
  perform jit.refuse_as_postgres(
    'drop materialized view ' || (select string_agg(distinct o::regclass::text, ', ')
                     from unnest(p_rel || p_beside) o
                     join pg_class c on c.oid = o where c.relkind = 'm'),
    'pg_class', p_rel || p_beside);
  select c.*, n.nspname into v_view
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_rel;
  v_seq := nextval('jit.step_seq');
  perform jit.change_rights('pg_class', p_rel, v_rights, false);
  v_undo := jit.move_relation(p_rel, v_seq, true);
  perform jit.note_kept(v_seq, 'materialized_view', v_what, 'pg_class', p_rel, v_view.relowner,
    v_view.nspname, v_view.relname, null, p_rel::regclass::text, v_rights, null, v_undo,
    jsonb_build_object('members', jsonb_build_array(p_rel)));
  return format('%s moved to quarantine as %s%s', v_what, p_rel::regclass, v_also);
end
$$;
