-- What a DBA runs so that the tables $1 can be guarded.
select distinct u.mend from jit.unguardable() u where u.name = any ($1) and u.mend <> '' order by 1
