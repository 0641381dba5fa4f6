-- Code of a table's owner runs when its rows are written: checks, domains, expressions of indexes.
-- It must not run as jit_owner, which can make roles. So rows are put back by the owner: one
-- function for each, which belongs to them, runs what we hand it, and is callable by us alone.
create function jit.make_hands(p_owner oid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant name := (select r.rolname from pg_roles r where r.oid = p_owner);
  v_function constant text := format('jit.as_role_%s(text)', p_owner);
begin
  execute format('create function %s returns jsonb language plpgsql volatile security definer'
                 ' set search_path = pg_catalog, pg_temp set row_security = off as %L', v_function,
                 'declare v_answer jsonb; begin execute $1 into v_answer; return v_answer; end');
  execute format('revoke all on function %s from public', v_function);
  -- An owner of a function needs CREATE where it is; for as long as this takes.
  execute format('grant create on schema jit to %I', v_owner);
  execute format('alter function %s owner to %I', v_function, v_owner);
  execute format('revoke create on schema jit from %I', v_owner);
end
$$;

create function jit.ask_owner_of(p_rel oid, p_sql text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant oid := (select c.relowner from pg_class c where c.oid = p_rel);
  v_answer jsonb;
begin
  if not pg_has_role('jit_owner', v_owner, 'usage')
     or (select r.rolsuper from pg_roles r where r.oid = v_owner) then
    raise exception 'jit_owner is no member of the owner of %', p_rel::regclass
      using errcode = 'JT005';
  end if;
  if to_regprocedure(format('jit.as_role_%s(text)', v_owner)) is null then
    perform jit.make_hands(v_owner);
  end if;
  execute format('select jit.as_role_%s($1)', v_owner) into v_answer using p_sql;
  return v_answer;
end
$$;
