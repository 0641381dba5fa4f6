-- The same question as in the other files changes_*.sql, asked along another index.
select id, version, state, effect, purpose, requester, target, role, plan_time, next_deadline
from changes indexed by changes_newest
where true
  and (?1 is null or requester = ?1)
  and (?2 is null or target = ?2)
  and (?3 is null or state in (select value from json_each(?3)))
  and (?4 is null or effect <> ?4)
  and (?5 is null or next_deadline <= ?5)
  and plan_time <= coalesce(?6, 9223372036854775807)
  and (?6 is null or (plan_time, id) < (?6, ?7))
order by plan_time desc, id desc
limit ?8
