-- The schema. Nobody but jit_owner and superusers can read or write what is in it. From here on
-- everything is made by jit_owner.
do $$
begin
  -- An administrator who is no superuser joins jit_owner for the installation.
  if not pg_catalog.pg_has_role(current_user, 'jit_owner', 'member') then
    execute format('grant jit_owner to %I', current_user);
  end if;
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'jit') then
    create schema jit authorization jit_owner;
  end if;
  if (select nspowner::regrole::text from pg_catalog.pg_namespace where nspname = 'jit')
     <> 'jit_owner' then
    raise exception 'a schema jit exists that does not belong to jit_owner' using errcode = 'JT005';
  end if;
end
$$;

revoke all on schema jit from public;

set local role jit_owner;

comment on schema jit is 'jit-access: opens and closes logins that last for one lease';

-- An upgrade replaces every function. Tables stay, and so do the functions of triggers, which
-- tables depend on. Functions that write as a table's owner are ours although they belong to them.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'jit'::regnamespace
      and (p.proowner = 'jit_owner'::regrole and p.prorettype <> 'trigger'::regtype
           or p.proname ~ '^as_role_[0-9]+$')
  loop
    execute format('drop function %s', v_function);
  end loop;
end
$$;
