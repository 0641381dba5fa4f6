select plan_time from changes where id = ?1
