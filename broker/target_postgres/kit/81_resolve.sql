-- The schemas that a name without one is looked for in, in order, as the caller would see them.
-- Between the two settings nothing is called that the caller could have replaced.
create function jit.schemas_of(p_schema text, p_search_path text) returns oid[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_path text;
  v_names name[];
begin
  if coalesce(p_schema, '') = 'pg_temp' then
    return array[pg_my_temp_schema()];
  elsif coalesce(p_schema, '') <> '' then
    v_names := array[p_schema];
  else
    v_path := replace(p_search_path, '"$user"', quote_ident(jit.acting_role()));
    perform pg_catalog.set_config('search_path', v_path, true);
    v_names := pg_catalog.current_schemas(true);
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  end if;
  return array(
    select n.oid from unnest(v_names) with ordinality as s(name, place)
    join pg_namespace n on n.nspname = s.name
    where has_schema_privilege(jit.acting_role(), n.oid, 'usage')
      and n.nspname <> 'jit' and n.nspname not like 'jit\_quarantine%'
    order by s.place);
end
$$;

-- A relation by name; nothing when there is none.
create function jit.relation_named(p_schema text, p_name text, p_search_path text) returns oid
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.oid
  from unnest(jit.schemas_of(p_schema, p_search_path)) with ordinality as s(nsp, place)
  join pg_class c on c.relnamespace = s.nsp and c.relname = p_name
  order by s.place limit 1
$$;

create function jit.type_named(p_schema text, p_name text, p_search_path text) returns oid
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select t.oid
  from unnest(jit.schemas_of(p_schema, p_search_path)) with ordinality as s(nsp, place)
  join pg_type t on t.typnamespace = s.nsp and t.typname = p_name
  order by s.place limit 1
$$;

-- A function by name and, when the statement gives them, the types of its arguments as written.
create function jit.function_named(
  p_schema text, p_name text, p_arguments text, p_has_arguments boolean, p_search_path text)
returns oid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_nsp oid;
  v_found oid;
  v_candidate text;
  v_path constant text := replace(p_search_path, '"$user"', quote_ident(jit.acting_role()));
begin
  foreach v_nsp in array jit.schemas_of(p_schema, p_search_path) loop
    if p_has_arguments then
      v_candidate := format('%s.%I(%s)', v_nsp::regnamespace, p_name, p_arguments);
      perform pg_catalog.set_config('search_path', v_path, true);
      v_found := pg_catalog.to_regprocedure(v_candidate);
      perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    else
      if (select count(*) from pg_proc p where p.pronamespace = v_nsp and p.proname = p_name) > 1
      then
        raise exception 'function name "%" is not unique', p_name using errcode = '42725';
      end if;
      select p.oid into v_found
      from pg_proc p where p.pronamespace = v_nsp and p.proname = p_name;
    end if;
    if v_found is not null then
      return v_found;
    end if;
  end loop;
  return null;
end
$$;
