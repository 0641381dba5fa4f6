select sequence, stream, version, bytes, leaf from records where stream = ?1 order by version
