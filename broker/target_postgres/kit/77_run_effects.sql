-- What the caller's transaction has done and holds, for whoever runs a change.
--   change     rows counted by the guard, of steps after p_after_seq; seq is the newest of them
--   unguarded  rows of the whole transaction in tables that have no guard, or whose guard the
--              transaction has touched; rel is the table. A foreign table has no count.
--   lock       op is the mode
--   numbers    a sequence that was advanced
--   objects    large objects were written
create function jit.run_effects(p_after_seq bigint)
returns table (
  kind text, nsp text, tbl text, op text, cause text, n bigint, has_key boolean, estimate bigint,
  seq bigint, rel oid)
-- In plpgsql because its plan is kept: a script of a thousand statements asks a thousand times.
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  with me as (
    select g.login, pg_current_xact_id() as xid from jit.runner() g
  ), recorded as (
    select coalesce(c.root, c.rel) as rel, c.nsp, c.tbl, c.op, c.cause, c.n, c.has_key, c.seq
    from me join jit.row_change c on c.login = me.login and c.xid = me.xid and c.seq > p_after_seq
  ), held as (
    select l.mode, l.relation, c.relkind, n.nspname, c.relname
    from pg_locks l join pg_class c on c.oid = l.relation
    join pg_namespace n on n.oid = c.relnamespace
    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted
      and (l.relation >= 16384 or l.relation = 'pg_largeobject'::regclass)
      and n.nspname not in ('jit', 'information_schema')
      and n.nspname !~ '^pg_(toast|temp)'
  ), written as (
    -- What pg_stat_xact_user_tables shows, without the indexes that it looks up for every table.
    select c.oid as relid, s.n_tup_ins, s.n_tup_upd, s.n_tup_del
    from pg_class c
    cross join lateral (select pg_stat_get_xact_tuples_inserted(c.oid) as n_tup_ins,
                               pg_stat_get_xact_tuples_updated(c.oid) as n_tup_upd,
                               pg_stat_get_xact_tuples_deleted(c.oid) as n_tup_del) s
    where c.relkind in ('r', 'p') and c.relpersistence <> 't'
      and c.relnamespace not in (
        select n.oid from pg_namespace n
        where n.nspname in ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine')
           or n.nspname ~ '^pg_toast')
      and s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
  ), bare as (
    select coalesce(pg_partition_root(w.relid)::oid, w.relid) as rel, v.op, v.n
    from me cross join written w
    cross join lateral (values ('I', w.n_tup_ins), ('U', w.n_tup_upd), ('D', w.n_tup_del))
      as v(op, n)
    where v.n > 0 and not exists (
      select from pg_trigger t
      where t.tgrelid in (select w.relid union select pg_partition_ancestors(w.relid))
        and t.tgname = 'zz_jit_upd' and t.tgenabled in ('O', 'A')
        and age(t.xmin) > age(me.xid::xid))
    union all
    select h.relation, 'U', 0::bigint from held h
    where h.relkind = 'f' and h.mode <> 'AccessShareLock' and h.mode <> 'RowShareLock'
  ), counted as (
    select 'change' as kind, r.rel, r.nsp, r.tbl, r.op::text, r.cause, sum(r.n)::bigint as n,
           bool_and(r.has_key) as has_key, max(r.seq) as seq
    from recorded r group by r.rel, r.nsp, r.tbl, r.op, r.cause
    union all
    select 'unguarded', b.rel, '', '', b.op, 'statement', sum(b.n)::bigint,
           exists (select from pg_index x where x.indrelid = b.rel and x.indisprimary), null
    from bare b group by b.rel, b.op
  )
  select k.kind, coalesce(n.nspname, k.nsp)::text, coalesce(c.relname, k.tbl)::text, k.op, k.cause,
         k.n, k.has_key,
         case when c.relkind = 'p'
           then (select coalesce(sum(greatest(l.reltuples, 0)), 0)::bigint
                 from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf)
           else coalesce(greatest(c.reltuples, 0), 0)::bigint end,
         k.seq, k.rel
  from counted k
  left join pg_class c on c.oid = k.rel left join pg_namespace n on n.oid = c.relnamespace
  union all
  select case when h.relkind = 'S' and h.mode = 'RowExclusiveLock' then 'numbers'
              when h.relation < 16384 then 'objects' else 'lock' end,
         h.nspname::text, h.relname::text, h.mode, null, null, null, null, null, h.relation
  from held h
  where h.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and (h.relation >= 16384 or h.mode = 'RowExclusiveLock');
end
$$;
