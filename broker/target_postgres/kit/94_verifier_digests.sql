-- Optional, and only when a superuser installs: tells whether a verifier is still the one we set,
-- so that a holder who changes their own password is noticed. It belongs to that superuser, answers
-- SHA-256 digests and nothing else, and only for names of our form. jit_owner alone may call it.
do $do$
begin
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    create or replace function jit.verifier_digests(p_logins text[]) returns jsonb
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    as $body$
      select coalesce(jsonb_object_agg(a.rolname,
               encode(sha256(convert_to(a.rolpassword, 'UTF8')), 'hex')), '{}')
      from pg_catalog.pg_authid a
      where a.rolname = any (p_logins) and a.rolname ~ '^jit_[a-z2-7]{26}$'
        and a.rolpassword is not null
    $body$;
    revoke all on function jit.verifier_digests(text[]) from public;
    grant execute on function jit.verifier_digests(text[]) to jit_owner;
  end if;
end
$do$;
