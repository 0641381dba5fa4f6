-- Runs what may run code of a table's owner (checks, triggers, conversions) as that owner and not
-- as jit_owner, which can make roles. SET ROLE is not possible here; a function of the owner's is.
-- `p_copy` is a table of ours that the owner may read meanwhile, under the name `copy` in the
-- schema that the text writes as @act.
create function jit.as_owner(p_owner name, p_sql text, p_copy oid default null) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_act constant text := format('jit_act_%s', nextval('jit.step_seq'));
  v_name name;
begin
  execute format('create schema %I authorization %I', v_act, p_owner);
  if p_copy is not null then
    select relname into v_name from pg_class where oid = p_copy;
    execute format('alter table %s set schema %I', p_copy::regclass, v_act);
    execute format('alter table %s rename to copy', p_copy::regclass);
    execute format('grant select on %s to %I', p_copy::regclass, p_owner);
  end if;
  execute format(
    'create function %I.act() returns void language plpgsql security definer'
    ' set search_path = pg_catalog, pg_temp set timezone = ''UTC'' set datestyle = ''ISO'''
    ' set intervalstyle = ''postgres'' set extra_float_digits = 3 set bytea_output = ''hex'''
    ' set lc_monetary = ''C'' set row_security = off as %L',
    v_act, format('begin %s; end', replace(p_sql, '@act', v_act)));
  execute format('alter function %I.act() owner to %I', v_act, p_owner);
  execute format('select %I.act()', v_act);
  if p_copy is not null then
    execute format('revoke all on %s from %I', p_copy::regclass, p_owner);
    execute format('alter table %s rename to %I', p_copy::regclass, v_name);
    execute format('alter table %s set schema jit_quarantine', p_copy::regclass);
  end if;
  execute format('drop schema %I cascade', v_act);
end
$$;
