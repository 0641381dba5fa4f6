select version from streams where name = ?1
