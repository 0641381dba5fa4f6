select count(*) from changes where requester = ?1 and state = 'submitted'
