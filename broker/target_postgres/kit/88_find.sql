-- The table, or what else a loss names, as an oid; nothing when it is not there. Refuses a thing of
-- another kind in PostgreSQL's words.
create function jit.find_lost(
  p_loss text, p_schema text, p_name text, p_part text, p_has_arguments boolean,
  p_search_path text) returns oid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found oid;
  v_kinds text[];
  v_kind text;
begin
  case p_loss
    when 'function' then
      return jit.function_named(p_schema, p_name, p_part, p_has_arguments, p_search_path);
    when 'type' then
      return jit.type_named(p_schema, p_name, p_search_path);
    when 'schema' then
      return (select n.oid from pg_namespace n
              where n.nspname = p_name and n.nspname <> 'jit'
                and n.nspname not like 'jit\_quarantine%' and n.nspname not like 'pg\_%');
    else
      v_found := jit.relation_named(p_schema, p_name, p_search_path);
  end case;
  v_kinds := case p_loss when 'view' then '{v}' when 'materialized_view' then '{m}'
    when 'sequence' then '{S}' when 'index' then '{i,I}' when 'trigger' then '{r,p,v,f}'
    when 'rule' then '{r,p,v,m}' else '{r,p}' end;
  select c.relkind into v_kind from pg_class c where c.oid = v_found;
  if v_kind <> all (v_kinds) then
    if p_loss in ('column', 'constraint', 'policy') then
      raise exception 'a % of "%" cannot be kept: it is not a table', p_loss, p_name
        using errcode = 'JT020';
    end if;
    raise exception '"%" is not a %', p_name,
      case p_loss when 'view' then 'view' when 'materialized_view' then 'materialized view'
        when 'sequence' then 'sequence' when 'index' then 'index' else 'table' end
      using errcode = '42809';
  end if;
  return v_found;
end
$$;

-- The part of a table that is meant: the oid of its trigger, the number of its column.
create function jit.find_part(p_loss text, p_rel oid, p_part text) returns oid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case p_loss
    when 'trigger' then (select t.oid from pg_trigger t
                         where t.tgrelid = p_rel and t.tgname = p_part and not t.tgisinternal)
    when 'constraint' then (select k.oid from pg_constraint k
                            where k.conrelid = p_rel and k.conname = p_part)
    when 'policy' then (select y.oid from pg_policy y
                        where y.polrelid = p_rel and y.polname = p_part)
    when 'rule' then (select r.oid from pg_rewrite r
                      where r.ev_class = p_rel and r.rulename = p_part)
    else (select a.attnum::int::oid from pg_attribute a
          where a.attrelid = p_rel and a.attname = p_part and a.attnum > 0
            and not a.attisdropped) end
$$;

-- Raises what PostgreSQL raises for a thing that is not there.
create function jit.raise_missing(p_loss text, p_schema text, p_name text, p_part text,
                                  p_table_is_there boolean) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name constant text := concat_ws('.', nullif(p_schema, ''), p_name);
begin
  if p_table_is_there then
    if p_loss in ('column', 'column_type') then
      raise exception 'column "%" of relation "%" does not exist', p_part, v_name
        using errcode = '42703';
    end if;
    raise exception '% "%" for relation "%" does not exist', p_loss, p_part, v_name
      using errcode = '42704';
  elsif p_loss = 'function' then
    raise exception 'function % does not exist', v_name using errcode = '42883';
  elsif p_loss = 'schema' then
    raise exception 'schema "%" does not exist', v_name using errcode = '3F000';
  elsif p_loss in ('type', 'index') then
    raise exception '% "%" does not exist', p_loss, v_name using errcode = '42704';
  end if;
  raise exception '% "%" does not exist',
    case p_loss when 'view' then 'view' when 'sequence' then 'sequence'
      when 'materialized_view' then 'materialized view' else 'relation' end, v_name
    using errcode = '42P01';
end
$$;
