-- The tables.
create table if not exists jit.kit (
  version int not null,
  installed_time timestamptz not null default clock_timestamp(),
  installed_by name not null default session_user
);
comment on table jit.kit is 'which versions of the kit were installed, the newest in force';

-- What no lease may exceed, whatever the broker asks for. Change it with UPDATE.
create table if not exists jit.limits (
  only_row boolean primary key default true check (only_row),
  ttl_max interval not null default '24 hours' check (ttl_max > interval '0'),
  connection_limit_max int not null default 10 check (connection_limit_max between 1 and 1000),
  logins_max int not null default 1000 check (logins_max between 1 and 100000)
);
insert into jit.limits default values on conflict do nothing;

-- The groups a login may be put into, and how many connections it may have then.
create table if not exists jit.allowed_group (
  name name primary key,
  connection_limit_max int not null default 10 check (connection_limit_max between 1 and 1000)
);

-- The logins that exist because of us. A role is ours when it has a row here and carries the marker
-- as its comment; nothing else is ever touched.
create table if not exists jit.issued (
  login name primary key check (login ~ '^jit_[a-z2-7]{26}$'),
  person text not null,
  groups text[] not null,
  connection_limit int not null,
  valid_until timestamptz not null check (isfinite(valid_until)),
  marker text not null,
  opened_time timestamptz not null default clock_timestamp()
);

create or replace view jit.ours as
  select i.login, i.person, i.groups, i.connection_limit, i.valid_until as ordered_until,
         r.oid, r.rolcanlogin, r.rolvaliduntil, r.rolconnlimit,
         r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
           as has_powers
  from jit.issued i
  join pg_catalog.pg_roles r on r.rolname = i.login
  join pg_catalog.pg_shdescription d
    on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
       and d.description = i.marker;

revoke all on all tables in schema jit from public;
