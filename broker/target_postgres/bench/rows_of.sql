-- The rows of one step $2 of the login $1, at most $3, one row per cell. A column in $4 is masked,
-- by the name of the table or, of a partition, of the table it is a part of.
with step as materialized (
  select c.nsp, c.tbl, c.op from jit.list_changes($1, $2 - 1, 1) c where c.seq = $2
), root as (
  select rn.nspname as nsp, rc.relname as tbl
  from step s join pg_namespace n on n.nspname = s.nsp
  join pg_class c on c.relnamespace = n.oid and c.relname = s.tbl
  join pg_class rc on rc.oid = pg_partition_root(c.oid)
  join pg_namespace rn on rn.oid = rc.relnamespace
), sample as materialized (
  select i.i, s.nsp, s.tbl, s.op, i.before, i.after
  from step s cross join lateral jit.list_images($1, $2, 0, $3) i
)
select s.i, s.nsp, s.tbl, s.op, k.name,
       case when m.masked and s.before is not null then '(masked)' else s.before ->> k.name end,
       case when m.masked and s.after is not null then '(masked)' else s.after ->> k.name end
from sample s
cross join lateral jsonb_object_keys(coalesce(s.after, s.before)) as k(name)
cross join lateral (
  select format('%s.%s.%s', s.nsp, s.tbl, k.name) = any ($4)
         or exists (select from root r
                    where format('%s.%s.%s', r.nsp, r.tbl, k.name) = any ($4)) as masked) m
left join pg_namespace n on n.nspname = s.nsp
left join pg_class c on c.relnamespace = n.oid and c.relname = s.tbl
left join pg_attribute a on a.attrelid = c.oid and a.attname = k.name
order by s.i, a.attnum, k.name
