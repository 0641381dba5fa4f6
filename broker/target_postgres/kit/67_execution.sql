-- What a login calls that runs a change. Each function looks at who it is that logged in.

-- The guard of the caller, who must have been opened to run a change.
create function jit.runner() returns jit.guard
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_guard constant jit.guard := jit.guard_of_writer();
begin
  if coalesce(v_guard.purpose, '') not in ('rehearsal', 'execution') then
    raise exception 'only a login that runs a change calls this' using errcode = 'JT003';
  end if;
  return v_guard;
end
$$;

-- Makes an execution single-use: the row commits with the change or not at all.
create function jit.begin_execution(p_change text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_guard constant jit.guard := jit.runner();
begin
  if v_guard.purpose <> 'execution' or v_guard.change is distinct from p_change then
    raise exception 'this login was not opened to execute this change' using errcode = 'JT003';
  end if;
  insert into jit.execution (change, login) values (p_change, session_user);
exception when unique_violation then
  raise exception 'this change is already executed' using errcode = 'JT009';
end
$$;

-- Whether a change was executed. Believe a false only when its login is off.
create function jit.execution_state(p_change text)
returns table (committed boolean, login name, at timestamptz, xid xid8)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select e.change is not null, e.login, e.at, e.xid
  from (select) one left join jit.execution e on e.change = p_change
$$;

-- What the caller's transaction has done so far; parts are shown as the table they are part of.
create function jit.my_row_changes()
returns table (
  seq bigint, nsp text, tbl text, op text, n bigint, cause text, has_key boolean, query text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.seq, coalesce(r.relnamespace::regnamespace::name, c.nsp)::text,
         coalesce(r.relname, c.tbl)::text, c.op::text, c.n, c.cause, c.has_key, c.query
  from jit.runner() me
  join jit.row_change c on c.login = me.login and c.xid = pg_current_xact_id()
  left join pg_class r on r.oid = c.root
  order by c.seq
$$;

-- Some rows of each table before and after; a masked column is named schema.table.column.
create function jit.my_samples(p_limit_per_table int, p_masked text[])
returns table (nsp text, tbl text, op text, before jsonb, after jsonb)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  select s.nsp, s.tbl, s.op,
         jit.row_as_json(s.old, s.columns, s.types, s.masked),
         jit.row_as_json(s.new, s.columns, s.types, s.masked)
  from (
    select m.nsp, m.tbl, m.op, c.columns, c.types, i.old, i.new, c.seq, i.i,
           row_number() over (partition by m.nsp, m.tbl order by c.seq, i.i) as place,
           array(select k from unnest(c.columns) k
                 where format('%s.%s.%s', m.nsp, m.tbl, k) = any (p_masked)
                    or format('%s.%s.%s', c.nsp, c.tbl, k) = any (p_masked)) as masked
    from jit.my_row_changes() m
    join jit.row_change c on c.seq = m.seq
    cross join lateral (
      select g.i, max(g.img) filter (where not g.post) as old,
             max(g.img) filter (where g.post) as new
      from jit.row_image g where g.seq = c.seq and g.i <= p_limit_per_table group by g.i) i) s
  where s.place <= p_limit_per_table
  order by s.nsp, s.tbl, s.place
$$;

-- Marks a place to which the server can be recovered; false where that is not permitted.
create function jit.make_restore_point(p_name text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_name is null or p_name !~ '^[A-Za-z0-9_.:-]{1,63}$' then
    raise exception 'the name of the restore point is malformed' using errcode = 'JT001';
  end if;
  perform pg_create_restore_point(p_name);
  return true;
exception when insufficient_privilege or object_not_in_prerequisite_state then
  return false;
end
$$;
