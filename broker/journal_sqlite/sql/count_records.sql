select coalesce(max(sequence) + 1, 0) from records
