-- The tables that a lease could change and that cannot be guarded.
select 'warning', format('The table %s can be changed by a lease and cannot be guarded: %s.',
                         u.name, u.why), u.mend
from jit.unguardable() u
union all
select 'ok', 'Every table that a lease could change can be guarded.', ''
where not exists (select from jit.unguardable())
