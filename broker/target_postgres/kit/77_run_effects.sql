-- What the caller's transaction has done and holds, for whoever runs a change.
--   change     rows counted by the guard, of steps after p_after_seq; seq is the newest of them
--   unguarded  rows of the whole transaction in tables that have no guard, or whose guard the
--              transaction has touched; rel is the table. A foreign table has no count.
--   lock       op is the mode
--   numbers    a sequence that was advanced
--   objects    large objects were written
-- A script of a thousand statements asks a thousand times. So it is in PL/pgSQL, which keeps its
-- plans, and looks at the tables that the transaction has locks on instead of at all there are: a
-- lock that a row was written under is held for as long as what was written.
create function jit.run_effects(p_after_seq bigint)
returns table (
  kind text, nsp text, tbl text, op text, cause text, n bigint, has_key boolean, estimate bigint,
  seq bigint, rel oid)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_login constant name := (jit.runner()).login;
  v_xid constant xid8 := pg_current_xact_id();
  v_held record;
  v_bare oid[] := '{}';
begin
  for v_held in
    select l.mode, l.relation, c.relkind, c.relpersistence, d.nspname, c.relname
    from pg_locks l join pg_class c on c.oid = l.relation
    join pg_namespace d on d.oid = c.relnamespace
    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted
      and (l.relation >= 16384
           or l.relation = 'pg_largeobject'::regclass and l.mode = 'RowExclusiveLock')
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      and d.nspname not in ('jit', 'information_schema') and d.nspname !~ '^pg_(toast|temp)'
  loop
    kind := case when v_held.relkind = 'S' and v_held.mode = 'RowExclusiveLock' then 'numbers'
                 when v_held.relation < 16384 then 'objects' else 'lock' end;
    nsp := v_held.nspname;
    tbl := v_held.relname;
    op := v_held.mode;
    rel := v_held.relation;
    return next;
    if v_held.mode in ('AccessShareLock', 'RowShareLock') or v_held.relation = any (v_bare)
       or v_held.relpersistence = 't' or v_held.nspname in ('pg_catalog', 'jit_quarantine') then
      continue;
    end if;
    if v_held.relkind = 'f' then
      v_bare := v_bare || v_held.relation;
    elsif v_held.relkind in ('r', 'p')
          and pg_stat_get_xact_tuples_inserted(v_held.relation)
            + pg_stat_get_xact_tuples_updated(v_held.relation)
            + pg_stat_get_xact_tuples_deleted(v_held.relation) > 0 then
      if not exists (
        select from pg_trigger t
        where t.tgrelid in (select v_held.relation
                            union select pg_partition_ancestors(v_held.relation))
          and t.tgname = 'zz_jit_upd' and t.tgenabled in ('O', 'A')
          and age(t.xmin) > age(v_xid::xid)) then
        v_bare := v_bare || v_held.relation;
      end if;
    end if;
  end loop;

  return query
  with bare as (
    select coalesce(pg_partition_root(w.relid)::oid, w.relid) as rel, v.op, v.n
    from unnest(v_bare) as w(relid)
    cross join lateral (values ('I', pg_stat_get_xact_tuples_inserted(w.relid)),
                               ('U', pg_stat_get_xact_tuples_updated(w.relid)),
                               ('D', pg_stat_get_xact_tuples_deleted(w.relid))) as v(op, n)
    where v.n > 0
       or v.op = 'U' and exists (select from pg_class f where f.oid = w.relid and f.relkind = 'f')
  ), counted as (
    select 'change' as kind, coalesce(s.root, s.rel) as rel, s.nsp, s.tbl, s.op::text, s.cause,
           sum(s.n)::bigint as n, bool_and(s.has_key) as has_key, max(s.seq) as seq
    from jit.row_change s
    where s.login = v_login and s.xid = v_xid and s.seq > p_after_seq
    group by 2, 3, 4, 5, 6
    union all
    select 'unguarded', b.rel, '', '', b.op, 'statement', sum(b.n)::bigint,
           exists (select from pg_index x where x.indrelid = b.rel and x.indisprimary), null
    from bare b group by b.rel, b.op
  )
  select k.kind, coalesce(d.nspname, k.nsp)::text, coalesce(c.relname, k.tbl)::text, k.op, k.cause,
         k.n, k.has_key,
         case when c.relkind = 'p'
           then (select coalesce(sum(greatest(l.reltuples, 0)), 0)::bigint
                 from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf)
           else coalesce(greatest(c.reltuples, 0), 0)::bigint end,
         k.seq, k.rel
  from counted k
  left join pg_class c on c.oid = k.rel left join pg_namespace d on d.oid = c.relnamespace;
end
$$;
