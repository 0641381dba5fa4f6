-- The triggers that a guarded table has, as definitions to be made.
create function jit.guard_triggers(p_rel oid)
returns table (name text, definition text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select v.name, format('create trigger %I %s on %s %s when (session_user >= ''jit_'' and'
                        ' session_user < ''jit`''%s) execute function jit.%I()',
                        v.name, v.event, c.oid::regclass, v.each, v.also, v.function)
  from pg_class c cross join lateral (values
    ('aa_jit_first', 'before insert or update or delete', 'for each statement', '',
     'before_statement', true),
    -- On what holds rows only: from a partitioned table it would pass on to parts that others make,
    -- and they would need a right on its function.
    ('zz_jit_brake', 'before update or delete', 'for each row',
     ' and current_setting(''jit.left'', true) <> ''''', 'brake_row', c.relkind = 'r'),
    ('zz_jit_ins', 'after insert', 'referencing new table as jit_new for each statement', '',
     'after_statement', true),
    ('zz_jit_upd', 'after update',
     'referencing old table as jit_old new table as jit_new for each statement', '',
     'after_statement', true),
    ('zz_jit_del', 'after delete', 'referencing old table as jit_old for each statement', '',
     'after_statement', true),
    ('zz_jit_trunc', 'before truncate', 'for each statement', '', 'before_truncate', true)
  ) as v(name, event, each, also, function, wanted)
  where c.oid = p_rel and c.relkind in ('r', 'p') and v.wanted
$$;

-- Puts the guard on one table. Waits a fifth of a second for its lock and no longer.
-- p_always: it stays when nobody needs it any more; null leaves that as it is.
--   attached   it has the guard now; what was missing or switched off was made
--   already    it had it
--   busy       somebody works in it: try again
--   not_ours   jit_owner is no member of its owner
--   absent     there is no such table, or none that can be guarded
create function jit.guard_attach(p_rel oid, p_always boolean) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_rel record;
  v_trigger record;
begin
  select c.oid, c.relowner, c.oid::regclass::text as name into v_rel from pg_class c
  where c.oid = p_rel and c.relkind in ('r', 'p') and c.relpersistence <> 't'
    and c.relnamespace::regnamespace::text not in
        ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine', 'pg_toast');
  if not found then
    return 'absent';
  end if;
  if not pg_has_role('jit_owner', v_rel.relowner, 'usage') then
    return 'not_ours';
  end if;
  if not exists (select from jit.guard_triggers(p_rel) g
                 where not exists (select from pg_trigger t
                                   where t.tgrelid = p_rel and t.tgname = g.name
                                     and t.tgenabled in ('O', 'A'))) then
    insert into jit.guarded_table (rel, always) values (p_rel, coalesce(p_always, false))
    on conflict (rel) do update set always = excluded.always
    where guarded_table.always <> p_always;
    return 'already';
  end if;
  begin
    execute format('lock table only %s in share row exclusive mode', v_rel.name);
    for v_trigger in
      select g.name, g.definition, t.oid as there
      from jit.guard_triggers(p_rel) g
      left join pg_trigger t on t.tgrelid = p_rel and t.tgname = g.name
      where t.oid is null or t.tgenabled not in ('O', 'A')
    loop
      if v_trigger.there is null then
        execute v_trigger.definition;
      else
        execute format('alter table only %s enable trigger %I', v_rel.name, v_trigger.name);
      end if;
    end loop;
  exception when lock_not_available then
    return 'busy';
  end;
  insert into jit.guarded_table (rel, always) values (p_rel, coalesce(p_always, false))
  on conflict (rel) do update set
    always = coalesce(p_always, guarded_table.always), attached_time = clock_timestamp();
  return 'attached';
end
$$;

-- Whether a login that may still write, or is just being opened, needs the table guarded.
create function jit.guard_needed(p_rel oid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jit.guard_need n join jit.guard g on g.login = n.login
    left join jit.ours o on o.login = n.login
    where n.rel = p_rel
      and (o.rolcanlogin
           or o.login is not null
              and exists (select from pg_stat_activity a where a.usesysid = o.oid)
           or o.login is null and g.valid_until > clock_timestamp()
              and g.made_time > clock_timestamp() - interval '5 minutes'))
$$;

-- Takes the guard off one table: 'detached', 'busy', 'needed', 'not_ours', 'absent'.
create function jit.guard_detach(p_rel oid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_rel record;
  v_trigger name;
begin
  select c.oid, c.relowner, c.oid::regclass::text as name into v_rel
  from pg_class c where c.oid = p_rel;
  if not found then
    delete from jit.guarded_table t where t.rel = p_rel;
    return 'absent';
  end if;
  if jit.guard_needed(p_rel)
     or exists (select from jit.guarded_table t where t.rel = p_rel and t.always) then
    return 'needed';
  end if;
  if not pg_has_role('jit_owner', v_rel.relowner, 'usage') then
    return 'not_ours';
  end if;
  begin
    for v_trigger in
      select t.tgname from pg_trigger t
      join jit.guard_triggers(p_rel) g on g.name = t.tgname
      join pg_proc p on p.oid = t.tgfoid and p.pronamespace = 'jit'::regnamespace
      where t.tgrelid = p_rel and t.tgparentid = 0 and not t.tgisinternal
    loop
      execute format('drop trigger %I on %s', v_trigger, v_rel.name);
    end loop;
  exception when lock_not_available then
    return 'busy';
  end;
  delete from jit.guarded_table t where t.rel = p_rel;
  return 'detached';
end
$$;

-- The tables that still have a guard and need none.
create function jit.guard_leftovers()
returns table (rel oid, name text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select t.rel, case when n.oid is null then 'a table that is gone'
                     else format('%I.%I', n.nspname, c.relname) end
  from (select g.rel from jit.guarded_table g
        union  -- what a crash kept out of the list
        select t.tgrelid from pg_trigger t
        join pg_proc p on p.oid = t.tgfoid and p.pronamespace = 'jit'::regnamespace
        where t.tgparentid = 0 and t.tgname ~ '^(aa|zz)_jit_') t
  left join pg_class c on c.oid = t.rel
  left join pg_namespace n on n.oid = c.relnamespace
  where not jit.guard_needed(t.rel)
    and not exists (select from jit.guarded_table a where a.rel = t.rel and a.always)
  order by 2
$$;

-- What the holders of open leases can change by now and is not guarded: tables and parts that came
-- since, rights that were given since, triggers that were switched off. A table that can be guarded
-- is needed from now on; of one that cannot, `why` says so.
create function jit.guard_missing()
returns table (rel oid, name text, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_holder record;
begin
  for v_holder in
    select g.login, o.groups from jit.guard g join jit.ours o on o.login = g.login
    where g.purpose = 'interactive' and o.rolcanlogin and g.valid_until > clock_timestamp()
  loop
    return query
      select t.rel, t.name, t.why from jit.guard_tables(v_holder.groups) t where not t.guardable;
    insert into jit.guard_need (login, rel)
    select v_holder.login, t.rel from jit.guard_tables(v_holder.groups) t where t.guardable
    on conflict do nothing;
  end loop;
  return query
    select c.oid, format('%I.%I', n.nspname, c.relname), null::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and jit.guard_needed(c.oid)
      and exists (select from jit.guard_triggers(c.oid) g
                  where not exists (select from pg_trigger t
                                    where t.tgrelid = c.oid and t.tgname = g.name
                                      and t.tgenabled in ('O', 'A')));
end
$$;
