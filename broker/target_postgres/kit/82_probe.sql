-- Does the real thing and takes it back, so that it is refused exactly where PostgreSQL refuses it,
-- with its words and its list. What is in quarantine already does not count.
create function jit.refuse_as_postgres(p_sql text, p_class text, p_objects oid[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_object record;
begin
  for v_object in
    with target(class, object) as (
      select ('pg_catalog.' || p_class)::regclass::oid, o from unnest(p_objects) o
      union select 'pg_type'::regclass, t.oid from pg_type t
      where p_class = 'pg_class' and t.typrelid = any (p_objects)
      union select 'pg_type'::regclass, t.typarray from pg_type t
      where t.typarray <> 0
        and (p_class = 'pg_class' and t.typrelid = any (p_objects)
             or p_class = 'pg_type' and t.oid = any (p_objects))
    ), dependent(class, object) as (
      select case when r.oid is not null or f.oid is not null then 'pg_class'::regclass::oid
                  else d.classid end,
             coalesce(r.ev_class, f.adrelid, d.objid)
      from pg_depend d
      join target t on t.class = d.refclassid and t.object = d.refobjid
      left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
      left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    ), at(class, object, nsp) as (
      select 'pg_class'::regclass::oid, oid, relnamespace from pg_class
      union all select 'pg_proc'::regclass, oid, pronamespace from pg_proc
      union all select 'pg_type'::regclass, oid, typnamespace from pg_type
    )
    select distinct i.type, i.identity, d.object
    from dependent d
    join at using (class, object)
    join pg_namespace n on n.oid = at.nsp
    cross join lateral pg_identify_object(d.class, d.object, 0) i
    where n.nspname like 'jit\_quarantine%' and d.object <> all (p_objects)
  loop
    begin
      execute format('drop %s if exists %s cascade', v_object.type, v_object.identity);
    exception when wrong_object_type or dependent_objects_still_exist then
      null;  -- a part of something else in the list
    end;
  end loop;
  execute p_sql;
  raise exception 'taken back' using errcode = 'JT099';
exception when sqlstate 'JT099' then
  null;
end
$$;
