-- One statement of an undo. %1$s, %2$s … stand for the objects, whatever they are called by then;
-- `p_as` names the owner to run it as.
create function jit.step(
  p_sql text, p_class text default null, p_objects oid[] default null, p_as name default null)
returns jsonb
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('sql', p_sql, 'class', p_class, 'objects', to_jsonb(p_objects),
                            'as', p_as)
$$;

-- Text that stands for itself in a step.
create function jit.literally(p_text text) returns text
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$ select replace(p_text, '%', '%%') $$;

create function jit.take_steps(p_steps jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_step jsonb;
  v_sql text;
begin
  for v_step in select s from jsonb_array_elements(p_steps) with ordinality as t(s, place)
                order by place loop
    v_sql := v_step ->> 'sql';
    if v_step ->> 'class' is not null then
      v_sql := format(v_sql, variadic array(
        select jit.name_of(v_step ->> 'class', o::oid)
        from jsonb_array_elements_text(v_step -> 'objects') with ordinality as x(o, place)
        order by place));
    end if;
    if v_step ->> 'as' is null then
      execute v_sql;
    else
      perform jit.as_owner((v_step ->> 'as')::name, v_sql);
    end if;
  end loop;
end
$$;
