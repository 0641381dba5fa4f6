-- The schema as a login that acts as an owner can leave it: its prepared transactions belong to the
-- owner, so that nobody ends them with the login, and can change the schema later.
create function jit.schema_now()
returns table (kind text, id text, hash text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.kind, f.id, string_agg(f.hash, ',' order by f.hash)
  from jit.schema_fingerprint() f group by f.kind, f.id
  union all
  select 'prepared transaction', quote_literal(x.gid), format('%s by %s', x.transaction, x.owner)
  from pg_prepared_xacts x
  where x.database = current_database() and x.owner in (select l.owner from jit.schema_look l)
$$;

-- Compares the schema with what it was like before these logins were opened, for those that are
-- gone and were not compared yet, and keeps what is different: in the order of kind and id, and no
-- more than p_lines_max lines of each.
create function jit.note_residues(p_logins text[], p_lines_max int) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_gone constant name[] := array(
    select l.login from jit.schema_look l
    where l.login = any (p_logins) and l.compared_time is null
      and jit.standing(l.login) in ('absent', 'foreign')
    order by l.login for update);
begin
  if cardinality(v_gone) = 0 then
    return;
  end if;
  with now as materialized (
    select s.kind, s.id, s.hash from jit.schema_now() s
  ), difference as materialized (
    select login, kind, id,
           case when b.hash is null then 'added' when n.hash is null then 'removed'
                else 'changed' end as what,
           row_number() over (partition by login
                              order by kind collate "C", id collate "C") as place
    from (select g.login, n.* from unnest(v_gone) g(login) cross join now n) n
    full join (select b.* from jit.schema_before b where b.login = any (v_gone)) b
      using (login, kind, id)
    where n.hash is distinct from b.hash
  ), noted as (
    insert into jit.residue (login, place, what, kind, id)
    select d.login, d.place, d.what, d.kind, left(d.id, 1000) from difference d
    where d.place <= p_lines_max
  )
  update jit.schema_look l
  set compared_time = clock_timestamp(),
      more = greatest(0, (select count(*) from difference d where d.login = l.login) - p_lines_max)
  where l.login = any (v_gone);
end
$$;

-- What is different since these logins were opened: one row per line, one without a line where
-- nothing is, none for a login that never acted as an owner. `why` says what stood in the way where
-- it is not known yet. The same again whenever it is asked.
create function jit.residue_of(p_logins text[], p_lines_max int)
returns table (login text, known boolean, why text, more int, what text, kind text, id text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_why text;
begin
  begin
    perform jit.note_residues(p_logins, p_lines_max);
  exception when query_canceled or others then
    v_why := case sqlstate when '55P03' then 'somebody holds a lock on what is to be looked at'
                           when '57014' then 'it takes too long'
                           else format('SQLSTATE %s', sqlstate) end;
  end;
  return query
    select l.login::text, l.compared_time is not null, coalesce(v_why, 'its role is still there'),
           l.more, r.what, r.kind, r.id
    from jit.schema_look l left join jit.residue r on r.login = l.login
    where l.login = any (p_logins)
    order by l.login, r.place;
end
$$;

-- Forgets what was compared long ago. What never was stays for as long as any lease could last, and
-- as long again.
create function jit.forget_looks() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_forgotten int;
begin
  delete from jit.schema_look l
  where l.compared_time < clock_timestamp() - interval '90 days'
     or l.looked_time < clock_timestamp() - interval '2 years'
        and not exists (select from jit.issued i where i.login = l.login);
  get diagnostics v_forgotten = row_count;
  return v_forgotten;
end
$$;
