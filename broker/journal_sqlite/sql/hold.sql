-- One broker per file: the lock is taken with the first transaction and kept until the file is
-- closed. Said before anything is read, so that no shared-memory file is needed.
pragma locking_mode = exclusive;
