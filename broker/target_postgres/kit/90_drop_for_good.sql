-- What is in quarantine because of a change, and what of it was looked at since.
create function jit.list_kept(p_change text)
returns table (
  seq bigint, kept_us bigint, act text, loss text, what text, kept_as text, restored boolean,
  dropped_for_good boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.seq, (extract(epoch from k.at) * 1000000)::bigint, k.act, k.loss, k.what, k.kept_as,
         k.restored_time is not null, k.dropped_for_good_time is not null
  from jit.kept k where k.change = p_change order by k.seq
$$;

-- The relations that a kept thing occupies.
create function jit.relations_of_kept(p_kept jit.kept) returns oid[]
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select m::oid from jsonb_array_elements_text(p_kept.details -> 'members') m
    union select (c ->> 'copy')::oid from jsonb_array_elements(p_kept.details -> 'copies') c
    union select (p_kept.details ->> 'copy')::oid where p_kept.details ? 'copy')
$$;

-- For whoever decides: `touched` is no, yes or unknown.
create function jit.kept_usage(p_change text)
returns table (
  seq bigint, what text, kept_as text, kept_us bigint, bytes bigint, rows_estimate bigint,
  touched text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.seq, k.what, k.kept_as, (extract(epoch from k.at) * 1000000)::bigint,
         (select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c
          where c.oid = any (jit.relations_of_kept(k)) and c.relkind in ('r', 'm', 'S')),
         coalesce((k.details ->> 'rows')::bigint,
           (select sum(greatest(c.reltuples, 0))::bigint from pg_class c
            where c.oid = any (jit.relations_of_kept(k)) and c.relkind in ('r', 'm'))),
         case
           when k.kept_as is null then 'no'  -- nothing is there but a definition
           when k.loss in ('rows', 'column_type', 'column_values') then 'no'  -- a copy of ours
           when k.loss not in ('table', 'materialized_view', 'function', 'schema')
             or k.counters is null or n.counters is null then 'unknown'
           when k.counters = n.counters then 'no'
           when (n.counters ->> 'read')::bigint > (k.counters ->> 'read')::bigint
             or (n.counters ->> 'written')::bigint > (k.counters ->> 'written')::bigint then 'yes'
           else 'unknown' end  -- somebody has reset the statistics of the server
  from jit.kept k
  cross join lateral (
    select jit.counters_of(k.class, case when k.details ? 'members'
      then array(select m::oid from jsonb_array_elements_text(k.details -> 'members') m)
      else array[k.object] end) as counters) n
  where k.change = p_change and k.act = 'kept' and k.restored_time is null
    and k.dropped_for_good_time is null
  order by k.seq
$$;

-- Lets one login, before it is opened, drop for good what one change left in quarantine.
create function jit.permit_drop(p_login text, p_change text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if jit.standing(p_login) not in ('absent', 'ours') then
    raise exception 'this login is not ours' using errcode = 'JT003';
  end if;
  insert into jit.drop_permit (login, change) values (p_login, p_change) on conflict do nothing;
end
$$;

-- Really drops it. Only what is in quarantine, whatever a row says; what something outside depends
-- on stays and makes this fail, so that all of it goes or nothing.
-- Null is the change that the caller was permitted.
-- JT003 no such login, JT022 no permit for this change, 2BP01 something depends on it.
create function jit.drop_for_good(p_change text) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_change constant text := coalesce(p_change,
    (select p.change from jit.drop_permit p where p.login = session_user limit 1));
  v_kept jit.kept;
  v_again boolean := true;
  v_last boolean := false;
  v_left int;
  v_before int;
  v_dropped int := 0;
begin
  if p_change is null then
    return jit.drop_for_good(coalesce(
      (select min(p.change) from jit.drop_permit p where p.login = session_user
       having count(*) = 1), ''));
  end if;
  if (jit.runner()).purpose <> 'execution'
     or not exists (select from jit.drop_permit p
                    where p.login = session_user and p.change = v_change) then
    raise exception 'this login may not drop anything of this change for good'
      using errcode = 'JT022';
  end if;
  perform from jit.kept k where k.change = v_change for update;
  loop
    select count(*) into v_before from jit.kept k
    where k.change = v_change and k.act = 'kept' and k.restored_time is null
      and k.dropped_for_good_time is null;
    exit when v_before = 0;
    for v_kept in
      select * from jit.kept k
      where k.change = v_change and k.act = 'kept' and k.restored_time is null
        and k.dropped_for_good_time is null
      order by k.seq desc
    loop
      begin
        perform jit.drop_kept(v_kept);
        update jit.kept set dropped_for_good_time = clock_timestamp(), undo = '[]'
        where seq = v_kept.seq;
        v_dropped := v_dropped + 1;
      exception when dependent_objects_still_exist then
        if v_last then
          raise;
        end if;
      end;
    end loop;
    select count(*) into v_left from jit.kept k
    where k.change = v_change and k.act = 'kept' and k.restored_time is null
      and k.dropped_for_good_time is null;
    v_last := v_left = v_before;  -- no progress: the next failure is told
  end loop;
  delete from jit.drop_permit p where p.login = session_user and p.change = v_change;
  return format('%s things of this change are dropped for good', v_dropped);
end
$$;

create function jit.drop_kept(p_kept jit.kept) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_rel oid;
  v_column name;
begin
  if p_kept.loss = 'schema' then
    if exists (select from pg_namespace n
               where n.oid = p_kept.object and n.nspname like 'jit\_quarantine\_k%') then
      execute format('drop schema %s cascade', p_kept.object::regnamespace);
    end if;
  elsif p_kept.loss = 'column' then
    v_column := p_kept.details ->> 'column';
    if v_column like 'jit\_kept\_%' and exists (
         select from pg_attribute a where a.attrelid = p_kept.object and a.attname = v_column
           and not a.attisdropped) then
      execute format('alter table %s drop column %I', p_kept.object::regclass, v_column);
    end if;
  elsif p_kept.loss = 'function' then
    if exists (select from pg_proc p where p.oid = p_kept.object
               and p.pronamespace = 'jit_quarantine'::regnamespace) then
      execute format('drop routine %s', p_kept.object::regprocedure);
    end if;
  elsif p_kept.loss = 'type' then
    if exists (select from pg_type t where t.oid = p_kept.object
               and t.typnamespace = 'jit_quarantine'::regnamespace) then
      execute format('drop type %s', p_kept.object::regtype);
    end if;
  elsif p_kept.kept_as is not null then
    foreach v_rel in array jit.relations_of_kept(p_kept)
                           || case when p_kept.loss in ('sequence') then array[p_kept.object]
                                else '{}' end loop
      if exists (select from pg_class c where c.oid = v_rel
                 and c.relnamespace = 'jit_quarantine'::regnamespace) then
        execute format('drop %s %s', jit.word_of('pg_class', v_rel), v_rel::regclass);
      end if;
    end loop;
  end if;
end
$$;
