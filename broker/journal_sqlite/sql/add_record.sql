insert into records (sequence, stream, version, bytes, leaf) values (?1, ?2, ?3, ?4, ?5)
