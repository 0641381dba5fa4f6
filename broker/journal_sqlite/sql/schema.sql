-- What a program looks at before anything else: "jita", and the number of this schema. A change of
-- the schema is a new number, and a script that leads from the old one to it.
pragma application_id = 1785295969;
pragma user_version = 1;

-- The journal as one SQLite file. STRICT: a value keeps the type it was declared with, so a flipped
-- type byte cannot pass as other content. Times are microseconds since 1970 UTC.

-- Where every stream stands. A stream that was only advanced has no records.
create table streams (
  name    text    not null primary key,
  version integer not null check (version > 0)
) strict, without rowid;

-- What happened. `bytes` is what is hashed, exactly; stream and version repeat what is in it, for
-- finding; leaf is the RFC 6962 leaf hash of it.
create table records (
  sequence integer not null primary key,
  stream   text    not null,
  version  integer not null,
  bytes    blob    not null,
  leaf     blob    not null check (length(leaf) = 32),
  unique (stream, version)
) strict;

create trigger records_are_never_changed before update on records
begin
  select raise(abort, 'records are never changed');
end;
create trigger records_are_never_deleted before delete on records
begin
  select raise(abort, 'records are never deleted');
end;

-- The roots of the complete subtrees of the Merkle tree over records.leaf, as of the last commit.
create table tree (
  one      integer not null primary key check (one = 1),
  frontier blob    not null
) strict;

-- The signed heads, with the frontier that each of them was made from.
create table checkpoints (
  size     integer not null primary key,
  note     text    not null,
  frontier blob    not null
) strict;

create trigger checkpoints_are_never_changed before update on checkpoints
begin
  select raise(abort, 'checkpoints are never changed');
end;
create trigger checkpoints_are_never_deleted before delete on checkpoints
begin
  select raise(abort, 'checkpoints are never deleted');
end;

-- The words for states, effects and paths; a summary can hold no others.
create table states  (word text not null primary key, final integer not null) strict, without rowid;
create table effects (word text not null primary key) strict, without rowid;
create table paths   (word text not null primary key) strict, without rowid;
insert into states values
  ('none', 0), ('requested', 0), ('approved', 0), ('denied', 1), ('withdrawn', 1), ('lapsed', 1),
  ('opening', 0), ('open', 0), ('closing', 0), ('off', 0), ('closed', 1);
insert into effects values ('none'), ('open_login'), ('turn_off'), ('remove');
insert into paths values ('ordinary'), ('break_glass'), ('change');

-- One row per lease, so that nothing is folded at start. Can be rebuilt from the records.
create table leases (
  id            text    not null primary key,
  version       integer not null,
  state         text    not null references states,
  effect        text    not null references effects,
  path          text    not null references paths,
  requester     text    not null,
  target        text    not null,
  role          text    not null,
  request_time  integer not null,
  next_deadline integer,
  expire_time   integer,
  debt_open     integer not null check (debt_open in (0, 1))
) strict, without rowid;

create index leases_newest        on leases (request_time desc, id desc);
create index leases_of_requester  on leases (requester, request_time desc, id desc);
create index leases_waiting       on leases (requester) where state = 'requested';
create index leases_alive         on leases (state)
  where state not in ('denied', 'withdrawn', 'lapsed', 'closed');
create index leases_with_effect   on leases (effect) where effect <> 'none';
create index leases_with_debt     on leases (debt_open) where debt_open = 1;
create index leases_by_deadline   on leases (next_deadline) where next_deadline is not null;

-- The same words for changes. An applied change can still be undone, so it is not final.
create table change_states (word text not null primary key, final integer not null)
  strict, without rowid;
create table change_effects (word text not null primary key) strict, without rowid;
create table purposes       (word text not null primary key) strict, without rowid;
insert into change_states values
  ('none', 0), ('planned', 0), ('rehearsed', 0), ('failed', 1), ('submitted', 0), ('approved', 0),
  ('denied', 1), ('withdrawn', 1), ('lapsed', 1), ('applying', 0), ('applied', 0),
  ('rolled_back', 1), ('undone', 1), ('dropped', 1);
insert into change_effects values ('none'), ('rehearse'), ('apply'), ('mark_subject');
insert into purposes values ('script'), ('unrehearsed'), ('undo'), ('drop_for_good');

-- One row per change, like leases.
create table changes (
  id            text    not null primary key,
  version       integer not null,
  state         text    not null references change_states,
  effect        text    not null references change_effects,
  purpose       text    not null references purposes,
  requester     text    not null,
  target        text    not null,
  role          text    not null,
  plan_time     integer not null,
  next_deadline integer
) strict, without rowid;

create index changes_newest       on changes (plan_time desc, id desc);
create index changes_of_requester on changes (requester, plan_time desc, id desc);
create index changes_waiting      on changes (requester) where state = 'submitted';
create index changes_on_their_way on changes (state)
  where state in ('none', 'planned', 'rehearsed', 'submitted', 'approved', 'applying');
create index changes_with_effect  on changes (effect) where effect <> 'none';
create index changes_by_deadline  on changes (next_deadline) where next_deadline is not null;

-- The answers to mutations, so that a repeat is answered and not repeated.
create table answers (
  key         text not null primary key,
  fingerprint text not null,
  result      text not null
) strict, without rowid;
