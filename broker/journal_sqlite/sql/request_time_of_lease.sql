select request_time from leases where id = ?1
