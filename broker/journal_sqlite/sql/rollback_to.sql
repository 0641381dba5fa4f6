rollback to one_append
