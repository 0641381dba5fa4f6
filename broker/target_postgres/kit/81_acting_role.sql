-- As whom the caller works. The functions of a change can be called by the login only and not under
-- the role of the owner, so that role is named and must be one the login may take; without one it
-- is the role of SET ROLE, which a definer function sees in the setting and nowhere else.
create function jit.act_for(p_role text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role constant text := coalesce(nullif(p_role, ''), nullif(current_setting('role'), 'none'),
                                   session_user);
begin
  if not exists (select from pg_roles r where r.rolname = v_role)
     or not pg_has_role(session_user, v_role, 'member') then
    raise exception 'permission denied to set role "%"', v_role using errcode = '42501';
  end if;
  perform set_config('jit.acting_role', v_role, true);
end
$$;

create function jit.acting_role() returns name
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$ select current_setting('jit.acting_role')::name $$;

-- Refuses who could not have dropped it themselves, and what jit_owner cannot move.
create function jit.check_may_drop(p_owner oid, p_schema oid, p_what text) returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not pg_has_role(jit.acting_role(), p_owner, 'usage')
     and not coalesce(pg_has_role(jit.acting_role(),
                        (select n.nspowner from pg_namespace n where n.oid = p_schema), 'usage'),
                      false) then
    raise exception 'must be owner of %', p_what using errcode = '42501';
  end if;
  perform jit.check_keepable(p_owner, p_what);
end
$$;

-- TRUNCATE is a right of its own; numbering anew is the owner's.
create function jit.check_may_truncate(p_rel oid, p_restart_identity boolean) returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not pg_has_role(jit.acting_role(), jit.owner_of(p_rel), 'usage')
     and (p_restart_identity
          or not has_table_privilege(jit.acting_role(), p_rel, 'truncate')) then
    raise exception 'permission denied for table %', p_rel::regclass using errcode = '42501';
  end if;
  perform jit.check_keepable(jit.owner_of(p_rel), format('the rows of %s', p_rel::regclass));
end
$$;

create function jit.check_keepable(p_owner oid, p_what text) returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from pg_roles r where r.oid = p_owner and r.rolsuper)
     or not pg_has_role('jit_owner', p_owner, 'usage') then
    raise exception '% cannot be kept: jit_owner is no member of its owner %', p_what,
      pg_get_userbyid(p_owner)
      using errcode = 'JT020', hint = 'An administrator can grant that role to jit_owner.';
  end if;
end
$$;
