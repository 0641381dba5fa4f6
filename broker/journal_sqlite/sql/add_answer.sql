insert into answers (key, fingerprint, result) values (?1, ?2, ?3)
