-- One row per cell of each sample, in the order of the columns.
with sample as materialized (
  select row_number() over () as i, s.nsp, s.tbl, s.op, s.before, s.after
  from jit.my_samples($1, $2) s
)
select s.i, s.nsp, s.tbl, s.op, k.name, s.before ->> k.name, s.after ->> k.name
from sample s
cross join lateral jsonb_object_keys(coalesce(s.after, s.before)) as k(name)
left join pg_namespace n on n.nspname = s.nsp
left join pg_class c on c.relnamespace = n.oid and c.relname = s.tbl
left join pg_attribute a on a.attrelid = c.oid and a.attname = k.name
order by s.i, a.attnum, k.name
