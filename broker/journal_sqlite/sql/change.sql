select id, version, state, effect, purpose, requester, target, role, plan_time, next_deadline
from changes
where id = ?1
