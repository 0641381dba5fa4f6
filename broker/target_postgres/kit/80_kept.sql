-- What destructive statements would have destroyed. One row per thing, in the order of happening
-- together with the changes of rows. Nobody but jit_owner reads it; `undo` holds the statements
-- that bring a thing back, written by us when it was kept.
create sequence if not exists jit.step_seq as bigint;

create table if not exists jit.kept (
  seq bigint primary key default nextval('jit.step_seq'),
  login name not null default session_user,
  change text,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  act text not null default 'kept' check (act in ('kept', 'made')),
  loss text not null,             -- the word of what was lost: table, view, rows, column_type
  what text not null,             -- for people: table shop.orders
  class text,                     -- the catalog of the object: pg_class
  object oid,
  owner name,
  original_schema name,
  original_name name,
  part text,
  kept_as text,                   -- its name in quarantine; null when its definition is all of it
  rights jsonb not null default '[]',
  definition text,
  undo jsonb not null default '[]',
  details jsonb not null default '{}',
  counters jsonb,                 -- how often it was used until then
  restored_time timestamptz,
  dropped_for_good_time timestamptz
);
create index if not exists kept_by_change on jit.kept (change);
create index if not exists kept_by_login on jit.kept (login, seq);
comment on table jit.kept is 'what changes would have destroyed, and how it comes back';

-- Who may drop the things of which change for good.
create table if not exists jit.drop_permit (
  login name not null,
  change text not null,
  permitted_time timestamptz not null default clock_timestamp(),
  primary key (login, change)
);

revoke all on jit.kept, jit.drop_permit from public;
revoke all on sequence jit.step_seq from public;
