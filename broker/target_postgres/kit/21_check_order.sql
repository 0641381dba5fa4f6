-- Checks what open_login was asked for and answers the end of the login. Nothing is changed.
create function jit.check_order(
  p_system_identifier text, p_login text, p_person text, p_groups text[], p_connection_limit int,
  p_valid_until_us bigint, p_verifier text, p_acts_as text) returns timestamptz
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_limits jit.limits;
  v_until timestamptz;
  v_group text;
  v_danger text;
begin
  if p_system_identifier is distinct from
     (select c.system_identifier::text from pg_catalog.pg_control_system() c) then
    raise exception 'this is another cluster than the one that was pinned' using errcode = 'JT002';
  end if;
  if pg_is_in_recovery() then
    raise exception 'this server is a standby' using errcode = '25006';
  end if;
  if p_login is null or p_login !~ '^jit_[a-z2-7]{26}$'
     or p_person is null or p_person !~ '^[a-z0-9][a-z0-9._-]{0,62}$' then
    raise exception 'the login or the person is malformed' using errcode = 'JT001';
  end if;
  -- A verifier and never a password: PostgreSQL would take either.
  if p_verifier is null or length(p_verifier) > 256 or p_verifier !~
     '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/]{22,64}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$'
     or substring(p_verifier from '\$([0-9]+):')::int not between 4096 and 1000000 then
    raise exception 'the verifier is malformed' using errcode = 'JT001';
  end if;

  select * into strict v_limits from jit.limits;
  if p_valid_until_us is null then
    raise exception 'a login needs an end' using errcode = 'JT006';
  end if;
  v_until := timestamptz '1970-01-01 00:00:00+00' + p_valid_until_us * interval '1 microsecond';
  -- Ten seconds of grace for clocks that differ; the broker opens nothing above five.
  if v_until <= clock_timestamp()
     or v_until > clock_timestamp() + v_limits.ttl_max + interval '10 seconds' then
    raise exception 'the end of the login is out of the range the DBA allows'
      using errcode = 'JT006';
  end if;

  if coalesce(cardinality(p_groups), 0) not between 1 and 16
     or cardinality(p_groups) <> (select count(distinct g) from unnest(p_groups) g) then
    raise exception 'a login belongs to 1 to 16 different groups' using errcode = 'JT001';
  end if;
  if p_acts_as <> all (p_groups) then
    raise exception 'a login acts as one of its groups' using errcode = 'JT001';
  end if;
  if p_connection_limit is null
     or p_connection_limit not between 1 and v_limits.connection_limit_max
     or p_connection_limit > (select min(a.connection_limit_max) from jit.allowed_group a
                              where a.name = any (p_groups)) then
    raise exception 'the connection limit is out of the range the DBA allows'
      using errcode = 'JT007';
  end if;
  foreach v_group in array p_groups loop
    if not exists (select from jit.allowed_group a where a.name = v_group) then
      raise exception 'the DBA has not allowed the group %', quote_ident(v_group)
        using errcode = 'JT004';
    end if;
    v_danger := jit.dangers_of_group(v_group);
    if v_danger is not null then
      raise exception 'the group % must not be given to a login: %', quote_ident(v_group), v_danger
        using errcode = 'JT004';
    end if;
  end loop;
  return v_until;
end
$$;
