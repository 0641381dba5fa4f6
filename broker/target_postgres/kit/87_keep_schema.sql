-- Renames a schema into quarantine and takes it away from its owner. What outside of it CASCADE
-- would take along is kept if it is a view or a foreign key, and refused if it is anything else.
create function jit.keep_schema(p_schema oid, p_cascade boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_what constant text := format('schema %s', p_schema::regnamespace);
  v_schema record;
  v_rels oid[];
  v_outside text;
  v_key record;
  v_seq bigint;
  v_rights constant jsonb := jit.rights_of('pg_namespace', p_schema);
  v_kept name;
  v_keys jsonb := '[]';
  v_also text := '';
begin
  select n.* into v_schema from pg_namespace n where n.oid = p_schema;
  if not p_cascade then
    perform jit.refuse_as_postgres(format('drop schema %s', p_schema::regnamespace),
                                   'pg_namespace', array[p_schema]);
  end if;
  select coalesce(array_agg(c.oid), '{}') into v_rels
  from pg_class c where c.relnamespace = p_schema and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S');
  v_also := jit.keep_incoming_keys(v_rels) || jit.keep_dependent_views(v_rels);

  with inside(class, object) as (
    select 'pg_class'::regclass::oid, oid from pg_class where relnamespace = p_schema
    union all select 'pg_proc'::regclass, oid from pg_proc where pronamespace = p_schema
    union all select 'pg_type'::regclass, oid from pg_type where typnamespace = p_schema
  )
  select string_agg(distinct pg_describe_object(d.classid, d.objid, 0), ', ') into v_outside
  from pg_depend d join inside i on i.class = d.refclassid and i.object = d.refobjid
  left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
  left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
  left join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
  left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
  left join pg_policy y on d.classid = 'pg_policy'::regclass and y.oid = d.objid
  left join pg_class c on c.oid = coalesce(r.ev_class, f.adrelid, t.tgrelid, k.conrelid,
    y.polrelid, case when d.classid = 'pg_class'::regclass then d.objid end)
  left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
  left join pg_type q on d.classid = 'pg_type'::regclass and q.oid = d.objid
  where d.deptype = 'n'
    and coalesce(c.relnamespace, p.pronamespace, q.typnamespace, p_schema) <> p_schema;
  if v_outside is not null then
    raise exception '% cannot be kept: % depend on what is in it', v_what, v_outside
      using errcode = 'JT020';
  end if;

  v_seq := nextval('jit.step_seq');
  for v_key in
    select k.oid, k.conname, k.conrelid
    from pg_constraint k
    where k.contype = 'f' and k.conrelid = any (v_rels) and k.confrelid <> all (v_rels)
      and k.conparentid = 0
    order by k.oid
  loop
    v_keys := v_keys || jit.step_for_constraint(v_key.oid);
    execute format('alter table %s drop constraint %I', v_key.conrelid::regclass, v_key.conname);
  end loop;
  v_kept := format('jit_quarantine_k%s_%s', v_seq, v_schema.nspname)::name;
  perform jit.change_rights('pg_namespace', p_schema, v_rights, false);
  execute format('alter schema %s owner to jit_owner', p_schema::regnamespace);
  execute format('alter schema %s rename to %I', p_schema::regnamespace, v_kept);
  perform jit.note_kept(v_seq, 'schema', v_what, 'pg_namespace', p_schema, v_schema.nspowner, null,
    v_schema.nspname, null, quote_ident(v_kept), v_rights, null,
    jsonb_build_array(
      jit.step(format('alter schema %%1$s rename to %s',
                      jit.literally(quote_ident(v_schema.nspname))), 'pg_namespace',
               array[p_schema]),
      jit.step(format('alter schema %%1$s owner to %s',
                      jit.literally(quote_ident(pg_get_userbyid(v_schema.nspowner)))),
               'pg_namespace', array[p_schema])) || v_keys,
    jsonb_build_object('members', to_jsonb(v_rels)));
  return format('%s (%s relations) moved to quarantine as %I%s', v_what, cardinality(v_rels),
                v_kept, v_also);
end
$$;
