select count(*) from leases where requester = ?1 and state = 'requested'
