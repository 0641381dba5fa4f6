select sequence, bytes from records order by sequence
