-- The rights on an object and its columns that its owner gave to others, one entry each, in order.
-- What somebody else passed on is not in it: we could not give it again in their name.
create function jit.rights_of(p_class text, p_object oid) returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with list(owner, acl, part, place) as (
    select c.relowner, c.relacl, null::name, 0 from pg_class c
    where p_class = 'pg_class' and c.oid = p_object
    union all select c.relowner, a.attacl, a.attname, a.attnum
    from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    where p_class = 'pg_class' and c.oid = p_object and a.attacl is not null
    union all select p.proowner, p.proacl, null, 0 from pg_proc p
    where p_class = 'pg_proc' and p.oid = p_object
    union all select t.typowner, t.typacl, null, 0 from pg_type t
    where p_class = 'pg_type' and t.oid = p_object
    union all select n.nspowner, n.nspacl, null, 0 from pg_namespace n
    where p_class = 'pg_namespace' and n.oid = p_object
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'part', l.part, 'to', case x.grantee when 0 then null else g.rolname end,
           'right', x.privilege_type, 'grantable', x.is_grantable)
           order by l.place, x.position), '[]')
  from list l
  cross join lateral (
    select e.*, row_number() over () as position from aclexplode(l.acl) e) x
  left join pg_roles g on g.oid = x.grantee
  where x.grantee <> l.owner and x.grantor = l.owner
$$;

-- An object as GRANT and ALTER name it, whatever it is called now.
create function jit.word_of(p_class text, p_object oid) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case p_class
    when 'pg_proc' then 'routine' when 'pg_type' then 'type' when 'pg_namespace' then 'schema'
    else (select case c.relkind when 'S' then 'sequence' when 'v' then 'view'
                   when 'm' then 'materialized view' when 'i' then 'index' when 'I' then 'index'
                   when 'f' then 'foreign table' else 'table' end
          from pg_class c where c.oid = p_object) end
$$;
create function jit.name_of(p_class text, p_object oid) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case p_class
    when 'pg_proc' then p_object::regprocedure::text when 'pg_type' then p_object::regtype::text
    when 'pg_namespace' then p_object::regnamespace::text else p_object::regclass::text end
$$;

-- Takes these rights away, or gives them again; a role that is gone is left out.
create function jit.change_rights(p_class text, p_object oid, p_rights jsonb, p_give boolean)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_right record;
  v_on constant text := format('%s %s',
    case when p_class = 'pg_class' and jit.word_of(p_class, p_object) <> 'sequence' then 'table'
         else jit.word_of(p_class, p_object) end,
    jit.name_of(p_class, p_object));
begin
  for v_right in
    select e ->> 'right' as what, e ->> 'part' as part, e ->> 'to' as grantee,
           (e ->> 'grantable')::boolean as grantable
    from jsonb_array_elements(p_rights) with ordinality as r(e, place) order by place
  loop
    continue when v_right.grantee is not null
      and not exists (select from pg_roles r where r.rolname = v_right.grantee);
    execute format('%s %s%s on %s %s %s%s%s', case when p_give then 'grant' else 'revoke' end,
      v_right.what, case when v_right.part is not null then format('(%I)', v_right.part) end, v_on,
      case when p_give then 'to' else 'from' end,
      coalesce(quote_ident(v_right.grantee), 'public'),
      case when p_give and v_right.grantable then ' with grant option' end,
      case when not p_give then ' cascade' end);
  end loop;
end
$$;
