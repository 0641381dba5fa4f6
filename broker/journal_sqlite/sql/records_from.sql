select sequence, stream, version, bytes, leaf from records
where sequence >= ?1 and sequence < ?2
order by sequence
