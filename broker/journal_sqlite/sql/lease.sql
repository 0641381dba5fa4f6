select id, version, state, effect, path, requester, target, role, request_time, next_deadline,
       expire_time, debt_open
from leases
where id = ?1
