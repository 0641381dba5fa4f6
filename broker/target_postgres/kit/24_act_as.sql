-- Looks at the schema before a login is opened that acts as an owner, once and never again, however
-- often it is given a new verifier. Then lends the login to the caller until the end of this
-- transaction: no definer function can make a role another one's default, see jit.act_as.
create function jit.look_before(p_login text, p_acts_as text, p_outcome text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant name := (select l.owner from jit.schema_look l where l.login = p_login);
begin
  if p_acts_as is distinct from v_owner and (v_owner is not null or p_outcome <> 'opened') then
    raise exception 'the login exists with other attributes' using errcode = 'JT005';
  end if;
  if p_acts_as is null then
    return;
  end if;
  insert into jit.schema_look as l (login, owner) values (p_login, p_acts_as)
  on conflict (login) do update set lent_time = clock_timestamp();
  if v_owner is null then
    insert into jit.schema_before (login, kind, id, hash)
    select p_login, s.kind, s.id, s.hash from jit.schema_now() s;
  elsif p_outcome = 'opened' then
    -- Somebody had dropped it meanwhile: what was compared then is not all.
    update jit.schema_look l set compared_time = null, more = 0 where l.login = p_login;
    delete from jit.residue r where r.login = p_login;
  end if;
  perform jit.hand_to_caller(p_login);
end
$$;

-- From its next session on the login acts as this role, so that what it makes belongs to it. In the
-- transaction of jit.open_login only, and with the rights of the caller, because only the login
-- itself can say so.
create function jit.act_as(p_login text, p_owner text) returns void
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('set local role %I', p_login);
  execute format('alter role %I set role = %I', p_login, p_owner);
  set local role none;
  perform jit.take_back(p_login);
end
$$;

-- Nothing is committed while the login is lent, or while the session is still somebody else.
create or replace function jit.check_given_back() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('role') <> 'none'
     or exists (select from pg_auth_members m
                join pg_roles l on l.oid = m.roleid join pg_roles c on c.oid = m.member
                where l.rolname = new.login and c.rolname = session_user) then
    raise exception 'the login must be given back first' using errcode = 'JT005';
  end if;
  return null;
end
$$;

drop trigger if exists check_given_back on jit.schema_look;
create constraint trigger check_given_back after insert or update on jit.schema_look
deferrable initially deferred for each row execute function jit.check_given_back();
