insert into checkpoints (size, note, frontier) values (?1, ?2, ?3)
