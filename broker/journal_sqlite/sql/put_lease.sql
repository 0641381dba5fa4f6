insert into leases (id, version, state, effect, path, requester, target, role, request_time,
                    next_deadline, expire_time, debt_open)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
  on conflict (id) do update
    set version = excluded.version, state = excluded.state, effect = excluded.effect,
        path = excluded.path, requester = excluded.requester, target = excluded.target,
        role = excluded.role, request_time = excluded.request_time,
        next_deadline = excluded.next_deadline, expire_time = excluded.expire_time,
        debt_open = excluded.debt_open
