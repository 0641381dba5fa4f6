-- What the schema was like when a login that acts as an owner was opened, and what was different
-- after it was removed.

-- One row per such login. Not compared yet: nobody knows what is different.
create table if not exists jit.schema_look (
  login name primary key check (login ~ '^jit_[a-z2-7]{26}$'),
  owner name not null,
  looked_time timestamptz not null default clock_timestamp(),
  lent_time timestamptz not null default clock_timestamp(),
  compared_time timestamptz,
  more int not null default 0  -- how many differences jit.residue does not name
);

create table if not exists jit.schema_before (
  login name not null references jit.schema_look on delete cascade,
  kind text not null,
  id text not null,
  hash text not null,
  primary key (login, kind, id)
);

create table if not exists jit.residue (
  login name not null references jit.schema_look on delete cascade,
  place bigint not null,
  what text not null check (what in ('added', 'removed', 'changed')),
  kind text not null,
  id text not null,
  primary key (login, place)
);

revoke all on all tables in schema jit from public;
