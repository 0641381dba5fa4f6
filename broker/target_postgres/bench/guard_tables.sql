-- The tables that a login in the groups $1 can change.
select t.rel, t.name, t.guardable, t.why, t.has_primary_key from jit.guard_tables($1) t
