-- Lets the login $1 take back what $2 did, from $3 on (microseconds) and in the tables $4 only.
select jit.permit_undo(
  $1, $2, timestamptz '1970-01-01 00:00:00+00' + $3::bigint * interval '1 microsecond', $4, $5)
