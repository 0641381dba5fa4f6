insert into changes (id, version, state, effect, purpose, requester, target, role, plan_time,
                     next_deadline)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  on conflict (id) do update
    set version = excluded.version, state = excluded.state, effect = excluded.effect,
        purpose = excluded.purpose, requester = excluded.requester, target = excluded.target,
        role = excluded.role, plan_time = excluded.plan_time,
        next_deadline = excluded.next_deadline
