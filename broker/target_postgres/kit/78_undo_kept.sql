-- What was kept of destructive statements is brought back here, when anything is kept.
create function jit.undo_kept(p_seq bigint) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'nothing was kept under the number %', p_seq using errcode = 'JT010';
end
$$;

-- Whether the caller's transaction has kept a copy of this table, so that TRUNCATE may follow.
create function jit.kept_for_truncate(p_rel oid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select false
$$;
