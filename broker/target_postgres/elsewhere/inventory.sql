-- What one login owns or was granted in a database that has no kit, in words; like jit.inventory.
select case s.deptype when 'o' then 'owns' when 'a' then 'was granted rights on'
                      else 'is named by' end,
       left(regexp_replace(coalesce(pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid),
                                    'something that is gone'), '[^[:print:]]', '?', 'g'), 200),
       s.deptype = 'o' and coalesce(c.relkind in ('r', 'p', 'm')
         and pg_catalog.pg_relation_size(c.oid) > 0, false)
from pg_catalog.pg_shdepend s
join pg_catalog.pg_roles r on r.oid = s.refobjid
left join pg_catalog.pg_class c
  on s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = s.objid
where s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass and r.rolname = $1
  and s.dbid = (select d.oid from pg_catalog.pg_database d
                where d.datname = pg_catalog.current_database())
order by 3 desc, 1, 2
limit 20
