-- What a login did, statement by statement.
create function jit.list_changes(p_login text, p_after_seq bigint, p_limit int)
returns table (
  seq bigint, at_us bigint, nsp text, tbl text, op text, n bigint, cause text, has_key boolean,
  query text, undone_by text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.seq, (extract(epoch from c.at) * 1000000)::bigint, c.nsp::text, c.tbl::text, c.op::text,
         c.n, c.cause, c.has_key, c.query, u.login::text
  from jit.row_change c left join jit.undone u on u.seq = c.seq
  where c.login = p_login and c.seq > coalesce(p_after_seq, 0)
  order by c.seq limit least(coalesce(p_limit, 1000), 10000)
$$;

-- One statement, row by row, as it was and as it became.
create function jit.list_images(p_login text, p_seq bigint, p_after_i bigint, p_limit int)
returns table (i bigint, key text, before jsonb, after jsonb)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.i, jit.key_of(coalesce(r.old, r.new), c.columns, c.keys),
         jit.row_as_json(r.old, c.columns, c.types, '{}'),
         jit.row_as_json(r.new, c.columns, c.types, '{}')
  from jit.row_change c
  cross join lateral (
    select m.i, max(m.img) filter (where not m.post) as old, max(m.img) filter (where m.post) as new
    from jit.row_image m
    where m.seq = c.seq and m.i > coalesce(p_after_i, 0)
    group by m.i order by m.i limit least(coalesce(p_limit, 100), 10000)) r
  where c.login = p_login and c.seq = p_seq
  order by r.i
$$;

-- Removes up to so many steps whose time is past, with their images; answers how many.
create function jit.forget_images(p_older_than_us bigint, p_limit int) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant timestamptz :=
    timestamptz '1970-01-01 00:00:00+00' + p_older_than_us * interval '1 microsecond';
  v_seqs bigint[];
begin
  if p_older_than_us is null then
    raise exception 'which images are to be removed is not said' using errcode = 'JT001';
  end if;
  select coalesce(array_agg(c.seq), '{}') into v_seqs
  from (select c.seq from jit.row_change c where c.at < v_before order by c.seq
        limit least(coalesce(p_limit, 1000), 100000) for update skip locked) c;
  insert into jit.forgotten as f (login, steps, last_at)
  select c.login, count(*), max(c.at) from jit.row_change c where c.seq = any (v_seqs) group by 1
  on conflict (login) do update set
    steps = f.steps + excluded.steps, last_at = greatest(f.last_at, excluded.last_at);
  delete from jit.row_image m where m.seq = any (v_seqs);
  delete from jit.row_change c where c.seq = any (v_seqs);
  delete from jit.undone u where u.seq = any (v_seqs);
  return cardinality(v_seqs);
end
$$;
