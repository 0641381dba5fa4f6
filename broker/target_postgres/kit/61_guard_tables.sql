-- Every table that a login in these groups can change, and whether it can be guarded: what the
-- groups may write, what updatable views of theirs lead to, what their definer functions name, and
-- what cascades reach from there; partitioned tables with all their parts.
-- Compiling it, as its planned cost suggests, takes ten times as long as running it.
create function jit.guard_tables(p_groups text[])
returns table (
  rel oid, name text, kind text, guardable boolean, why text, has_primary_key boolean,
  rows_estimate bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  with recursive role(oid) as (
    select r.oid from pg_roles r where r.rolname = any (p_groups)
    union
    select m.roleid from pg_auth_members m join role on m.member = role.oid
  ), writable(oid, relkind) as (
    select c.oid, c.relkind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'f') and c.relpersistence <> 't'
      and n.nspname not in ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine')
      and n.nspname not like 'pg\_toast%'
      and exists (select from role
                  where has_table_privilege(role.oid, c.oid, 'insert, update, delete, truncate')
                     or has_any_column_privilege(role.oid, c.oid, 'insert, update'))
  ), behind_views(oid, relkind) as (
    select w.oid, w.relkind from writable w
    union
    select t.oid, t.relkind
    from behind_views b
    join pg_rewrite r on r.ev_class = b.oid
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    and d.refclassid = 'pg_class'::regclass and d.refobjid <> b.oid
    join pg_class t on t.oid = d.refobjid
    where t.relkind in ('r', 'p', 'v', 'f')
  ), parts as (
    select i.inhrelid, i.inhparent
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relispartition
  ), arm(function, owner, source) as (
    -- Definer functions: called by the groups, or by triggers of any table.
    select p.oid, p.proowner, p.prosrc
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema', 'jit')
      and (p.prorettype = 'trigger'::regtype
           or exists (select from role where has_function_privilege(role.oid, p.oid, 'execute')))
  ), named(oid) as (
    select c.oid
    from arm
    join pg_class c on c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
                   and position(lower(c.relname) in lower(arm.source)) > 0
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine')
      and n.nspname not like 'pg\_toast%'
      and has_table_privilege(arm.owner, c.oid, 'insert, update, delete, truncate')
  ), edge(from_rel, to_rel) as (
    select k.confrelid, k.conrelid from pg_constraint k
    where k.contype = 'f' and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
    union select inhparent, inhrelid from parts
    union select inhrelid, inhparent from parts
  ), reach(oid) as (
    select b.oid from behind_views b where b.relkind <> 'v'
    union select named.oid from named
    union select e.to_rel from edge e join reach on reach.oid = e.from_rel
  )
  select c.oid, format('%I.%I', n.nspname, c.relname),
         case when c.relkind = 'f' then 'foreign table'
              when c.relkind = 'p' then 'partitioned table'
              when c.relispartition then 'partition' else 'table' end,
         w.why is null, w.why,
         exists (select from pg_index x where x.indrelid = c.oid and x.indisprimary),
         case when c.relkind = 'p'
           then (select coalesce(sum(greatest(l.reltuples, 0)), 0)::bigint
                 from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf)
           else greatest(c.reltuples, 0)::bigint end
  from reach
  join pg_class c on c.oid = reach.oid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_roles o on o.oid = c.relowner
  cross join lateral (select case
    when c.relkind = 'f' then 'a foreign table cannot be guarded'
    when o.rolsuper then format('it belongs to the superuser %I', o.rolname)
    when not pg_has_role('jit_owner', o.oid, 'usage')
      then format('jit_owner is no member of its owner %I', o.rolname)
    when c.relkind = 'r' and exists (select from pg_inherits i where i.inhparent = c.oid)
      then 'other tables inherit from it' end) as w(why)
  order by 2
$$;
