-- Clears this database of what a login that is off owns or was granted. Never CASCADE, never handed
-- to another owner, and nothing at all while a relation with data in it is among it: that is for
-- people to decide. Answers 'cleared', 'review' or 'stuck', with words.
--
-- A grant goes with the rights of who made it: jit_owner joins that role inside this transaction
-- only. Where it may not (superusers; from PostgreSQL 16 on everybody), the answer names the SQL.
create function jit.clear(p_login text)
returns table (outcome text, report text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_login record;
  v_kept text;
  v_found text;
  v_left text;
  v_grantor name;
  v_joins boolean;
begin
  select r.oid, r.rolname into v_login from pg_catalog.pg_roles r
  where r.rolname = p_login and r.rolname ~ '^jit_[a-z2-7]{26}$'
    and not r.rolcanlogin and r.rolvaliduntil = '-infinity' and not r.rolsuper
    and not exists (select from pg_catalog.pg_auth_members m where m.member = r.oid)
    and pg_catalog.shobj_description(r.oid, 'pg_authid')
        like 'jit-access login; lease ' || substr(r.rolname, 5) || ';%';
  if not found then
    raise exception 'only a login of ours that is off is cleared' using errcode = 'JT003';
  end if;
  select string_agg(i.relation, ', ') filter (where i.keeps),
         string_agg(i.what || ' ' || i.relation, ', ')
  into v_kept, v_found from (select * from jit.inventory(p_login) limit 20) i;
  if v_kept is not null then
    return query select 'review', format('it owns relations with data in them: %s', v_kept);
    return;
  end if;
  begin
    execute format('grant %I to jit_owner', p_login);
    execute format('drop owned by %I restrict', p_login);
    for v_grantor in
      select g.rolname from jit.grantors(v_login.oid) w
      join pg_catalog.pg_roles g on g.oid = w.grantor
      where not g.rolsuper and g.rolname <> 'jit_owner'
    loop
      begin
        -- The owners of guarded tables it has joined for good.
        v_joins := not pg_has_role('jit_owner', v_grantor, 'member');
        if v_joins then
          execute format('grant %I to jit_owner', v_grantor);
        end if;
        execute format('drop owned by %I restrict', p_login);
        if v_joins then
          execute format('revoke %I from jit_owner', v_grantor);
        end if;
      exception when insufficient_privilege then
        null;  -- what it granted is left, and named below
      end;
    end loop;
    if current_setting('server_version_num')::int < 160000 then
      execute format('revoke %I from jit_owner', p_login);
    end if;
  exception
    when lock_not_available then
      return query select 'stuck', 'somebody holds a lock on what is to be cleared';
      return;
    when dependent_objects_still_exist then
      return query select 'review',
        format('what others own depends on what it owns: %s', v_found);
      return;
  end;
  select string_agg(i.what || ' ' || i.relation, ', ')
  into v_left from (select * from jit.inventory(p_login) limit 20) i;
  if v_left is not null then
    return query select 'review', format(
      'a DBA must take away what is left, in database %I, with drop owned by %I or as who gave it'
      ' (%s): set role …; revoke all on … from %I cascade; it %s',
      current_database(), p_login,
      (select string_agg(quote_ident(g.rolname), ', ')
       from jit.grantors(v_login.oid) w join pg_catalog.pg_roles g on g.oid = w.grantor),
      p_login, v_left);
    return;
  end if;
  return query select 'cleared', coalesce('it ' || v_found, 'nothing was there');
end
$$;
