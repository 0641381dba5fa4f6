-- The same question as in the other files leases_*.sql, asked along another index.
select id, version, state, effect, path, requester, target, role, request_time, next_deadline,
       expire_time, debt_open
from leases indexed by leases_with_effect
where effect <> 'none'
  and (?1 is null or requester = ?1)
  and (?2 is null or target = ?2)
  and (?3 is null or state in (select value from json_each(?3)))
  and (?4 is null or debt_open = ?4)
  and (?5 is null or effect <> ?5)
  and (?6 is null or next_deadline <= ?6)
  and request_time <= coalesce(?7, 9223372036854775807)
  and (?7 is null or (request_time, id) < (?7, ?8))
order by request_time desc, id desc
limit ?9
