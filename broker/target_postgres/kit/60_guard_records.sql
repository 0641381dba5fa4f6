-- What the guard knows and what it has seen. Nobody but jit_owner reads any of it; row images are
-- copies of data and leave through the functions of the broker only.

-- One row per login that writes under ceilings; null is no ceiling.
create table if not exists jit.guard (
  login name primary key,
  purpose text not null check (purpose in ('interactive', 'rehearsal', 'execution')),
  statement_rows_max bigint check (statement_rows_max >= 0),
  session_rows_max bigint check (session_rows_max >= 0),
  share_max float8 check (share_max between 0 and 1),
  share_floor bigint not null default 0,
  used_rows bigint not null default 0,
  valid_until timestamptz not null check (isfinite(valid_until)),
  change text,
  allow_keyless text[] not null default '{}',
  made_time timestamptz not null default clock_timestamp()
);

-- How many rows a login has changed, after each statement of a transaction but its first, which
-- writes used_rows and keeps others waiting. A row that one transaction changes a thousand times
-- has a thousand versions, and whoever reads it walks past them all. Here the highest counts.
alter table jit.guard add column if not exists used_xid xid8;
create table if not exists jit.guard_use (
  login name not null,
  used_rows bigint not null,
  primary key (login, used_rows)
);

-- Which tables a login needs guarded, and which are.
create table if not exists jit.guard_need (
  login name not null,
  rel oid not null,
  primary key (login, rel)
);
create table if not exists jit.guarded_table (
  rel oid primary key,
  attached_time timestamptz not null default clock_timestamp(),
  always boolean not null
);

-- The roles whose tables may be guarded: jit_owner is a member of each.
create table if not exists jit.guarded_owner (
  name name primary key
);

-- Orders everything that can be taken back: row changes here, what was kept elsewhere.
create sequence if not exists jit.step_seq as bigint;

-- One row per statement and table. A number is taken before the statement works and the row is
-- written after it, so that what a trigger did inside a statement is newer than the statement.
create table if not exists jit.row_change (
  seq bigint primary key,
  login name not null,
  xid xid8 not null,
  at timestamptz not null default clock_timestamp(),
  rel oid not null,
  nsp name not null,
  tbl name not null,
  root oid,  -- of a partition: the table it is a part of
  op "char" not null check (op in ('I', 'U', 'D')),
  n bigint not null,
  cause text not null check (cause in ('statement', 'cascade', 'trigger')),
  signature text not null,
  columns text[] not null,
  types text[] not null,
  keys text[] not null,  -- the columns of the primary key; empty: it has none
  has_key boolean not null,
  key_changed boolean not null default false,
  query text
);
create index if not exists row_change_by_login on jit.row_change (login, seq);
create index if not exists row_change_by_cascade on jit.row_change (login, rel)
  where cause <> 'statement';
create index if not exists row_change_by_time on jit.row_change (at);

-- A row as its own text, which is exact for every type; JSON is not.
create table if not exists jit.row_image (
  seq bigint not null,
  i bigint not null,
  post boolean not null,
  img text not null,
  primary key (seq, i, post)
);

-- What was removed because its time was past, so that nobody takes silence for completeness.
create table if not exists jit.forgotten (
  login name primary key,
  steps bigint not null,
  last_at timestamptz not null
);

-- A row is there if and only if the transaction of that change was committed.
create table if not exists jit.execution (
  change text primary key,
  login name not null,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp()
);

-- Whose steps a login may take back, and what was taken back by whom.
create table if not exists jit.undo_permit (
  login name primary key,
  source_login name not null,
  since timestamptz not null,
  tables text[] not null,  -- schema.table, of a partition its root; empty: all
  on_conflict text not null check (on_conflict in ('refuse', 'skip', 'overwrite'))
);
create table if not exists jit.undone (
  seq bigint primary key,
  login name not null,
  at timestamptz not null default clock_timestamp()
);

-- Seals the notes that a guard leaves for itself in the caller's own settings.
create table if not exists jit.seal (
  only_row boolean primary key default true check (only_row),
  secret text not null
);
insert into jit.seal (secret)
select gen_random_uuid()::text || gen_random_uuid()::text
on conflict do nothing;

revoke all on all tables in schema jit from public;
revoke all on all sequences in schema jit from public;
