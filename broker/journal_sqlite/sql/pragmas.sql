-- A commit appends to a log beside the file, and is on the disk before it is acknowledged.
pragma journal_mode = wal;
pragma synchronous = full;
-- The write-ahead log is moved into the file by our own call, whose errors are looked at.
pragma wal_autocheckpoint = 0;
pragma foreign_keys = on;
pragma secure_delete = on;
pragma cell_size_check = on;
pragma temp_store = memory;
pragma mmap_size = 0;
pragma cache_size = -16384;
