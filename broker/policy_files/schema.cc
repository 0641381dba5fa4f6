#include "broker/policy_files/schema.h"

namespace jit::policy_files {
namespace schema {
namespace {

constexpr Presence kRequired = Presence::kRequired;
constexpr Presence kOptional = Presence::kOptional;

}  // namespace

const Section& PeopleFile() {
  static const Section section{
      "`people.toml`",
      "people.toml",
      {{"people", kRequired, Kind::kTable, "", "", "",
        "one table per person, headed by their name"},
       {"groups", kRequired, Kind::kTable, "", "", "",
        "one array of persons per group, `reviewers = [\"reviewer\"]`; it may be empty"},
       {"offices", kOptional, Kind::kTable, "", "", "nobody holds one", "who runs the broker"},
       {"limits", kOptional, Kind::kTable, "", "", "the defaults below",
        "what holds for everybody on every target"}}};
  return section;
}

const Section& Person() {
  static const Section section{
      "`[people.<person>]`",
      "a person",
      {{"identities", kRequired, Kind::kIdentities, "", "", "",
        "the URI SANs of the person's certificates; an identity belongs to one person"},
       {"manager", kOptional, Kind::kName, "", "", "no manager",
        "the person who sits where a seat says `manager_of`"}}};
  return section;
}

const Section& Offices() {
  static const Section section{
      "`[offices]`",
      "the offices",
      {{"operators", kOptional, Kind::kNamesOrNone, "", "", "nobody",
        "groups that may see every lease, revoke, reload the policy and read the broker's status"},
       {"auditors", kOptional, Kind::kNamesOrNone, "", "", "nobody",
        "groups that may see every lease and export the journal"}}};
  return section;
}

const Section& Limits() {
  static const Section section{
      "`[limits]`",
      "the limits",
      {{"shortest", kOptional, Kind::kTime, "10s", "1h", "60s",
        "no lease is shorter; below 60s only for the development broker, which assumes 10s"},
       {"waiting_leases", kOptional, Kind::kWhole, "1", "1000", "20",
        "how many leases of one person may wait for review at once"},
       {"review_window", kOptional, Kind::kTime, "1m", "30d", "24h",
        "a lease that is not decided within it lapses"},
       {"approved_window", kOptional, Kind::kTime, "1m", "7d", "8h",
        "an approved lease that is not opened within it lapses"},
       {"clock_skew", kOptional, Kind::kTime, "1s", "5s", "5s",
        "no lease opens on a target whose clock differs by more"}}};
  return section;
}

const Section& TargetFile() {
  static const Section section{
      "`<target>.toml`",
      "a target file",
      {{"roles", kRequired, Kind::kTable, "", "", "",
        "one table per role on offer, headed by its name"},
       {"rules", kOptional, Kind::kTables, "", "", "nobody may ask",
        "who may ask for which role; read in order"},
       {"break_glass", kOptional, Kind::kTables, "", "", "there is no emergency way",
        "who may open which role at once in an emergency"},
       {"changes", kOptional, Kind::kTables, "", "", "there are no guarded changes",
        "who may run scripts in which role as guarded changes; read in order"}}};
  return section;
}

const Section& Role() {
  static const Section section{
      "`[roles.<role>]`",
      "a role",
      {{"access", kRequired, Kind::kAccess, "", "", "",
        "`\"reads\"`, `\"writes\"` when the role can change rows, `\"defines\"` when it can change "
        "tables"},
       {"member_of", kRequired, Kind::kPgGroups, "", "", "",
        "PostgreSQL group roles the login is put into; its rights are theirs and nothing else"},
       {"default", kRequired, Kind::kTime, "10s", "7d", "",
        "how long a lease lasts when nobody says"},
       {"longest", kRequired, Kind::kTime, "10s", "7d", "", "no rule may allow more"},
       {"connections", kOptional, Kind::kWhole, "1", "100", "2",
        "how many connections the login may hold at once"},
       {"statement_timeout", kOptional, Kind::kTime, "1s", "1d", "5m",
        "set on the login; the holder may change it, so it is a convenience and no boundary"},
       {"lock_timeout", kOptional, Kind::kTime, "1s", "1d", "10s", "the same"},
       {"idle_in_transaction_timeout", kOptional, Kind::kTime, "1s", "1d", "5m", "the same"},
       {"guard", kOptional, Kind::kTable, "", "", "guarded, with every default",
        "only when it writes: what the guard in the target allows"},
       {"owner", kOptional, Kind::kPgGroup, "", "", "needed when it defines",
        "only when it defines: the role that owns the tables; it stands in `member_of` as well"},
       {"interactive", kOptional, Kind::kYesNo, "", "", "false",
        "only when it defines: true lets rules open it as a lease; false, changes only"}}};
  return section;
}

const Section& Guard() {
  static const Section section{
      "`[roles.<role>.guard]`",
      "a guard",
      {{"statement_rows", kOptional, Kind::kWhole, "1", "1000000000", "1000",
        "how many rows one statement may change"},
       {"session_rows", kOptional, Kind::kWhole, "1", "1000000000", "10000",
        "how many rows a lease may change; at least `statement_rows`"},
       {"share_percent", kOptional, Kind::kWhole, "1", "100", "50",
        "how much of a table one statement may change"},
       {"share_floor", kOptional, Kind::kWhole, "0", "1000000000", "50",
        "a statement that changes no more rows than this is not held against the share"},
       {"attached", kOptional, Kind::kAttached, "", "", "`\"while_open\"`",
        "`\"always\"` keeps the guard on the tables while no lease is open; `\"never\"`, alone in "
        "its "
        "table: an open lease is not guarded"},
       {"keyless", kOptional, Kind::kKeyless, "", "", "`\"by_name\"`",
        "tables without a primary key, whose rows cannot be put back: `\"by_name\"` lets those "
        "change that the asker named and the approver accepted, `\"refused\"` none, `\"allowed\"` "
        "all"}}};
  return section;
}

const Section& Rule() {
  static const Section section{
      "`[[rules]]`",
      "a rule",
      {{"name", kRequired, Kind::kName, "", "", "",
        "unique in its file; it is named in every answer"},
       {"who", kRequired, Kind::kNames, "", "", "", "groups whose members may ask"},
       {"roles", kRequired, Kind::kNames, "", "", "", "roles of this file they may ask for"},
       {"longest", kRequired, Kind::kTime, "10s", "7d", "",
        "the longest time this rule allows; at most that of each of its roles"},
       {"seats", kRequired, Kind::kTables, "", "", "",
        "the approvals it takes, each by another person; `[]` opens at once"}}};
  return section;
}

const Section& BreakGlass() {
  static const Section section{
      "`[[break_glass]]`",
      "a break-glass rule",
      {{"name", kRequired, Kind::kName, "", "", "", "unique in its file, among the rules as well"},
       {"who", kRequired, Kind::kNames, "", "", "", "groups whose members may break the glass"},
       {"roles", kRequired, Kind::kNames, "", "", "", "roles of this file they may open"},
       {"longest", kRequired, Kind::kTime, "10s", "1d", "",
        "the longest time this rule allows; at most that of each of its roles"},
       {"reviewer", kRequired, Kind::kTable, "", "", "",
        "a seat: who has to look at it afterwards"},
       {"review_within", kRequired, Kind::kTime, "1m", "7d", "",
        "the review is overdue after this"}}};
  return section;
}

const Section& Change() {
  static const Section section{
      "`[[changes]]`",
      "a change rule",
      {{"name", kRequired, Kind::kName, "", "", "", "unique in its file, among all rules"},
       {"who", kRequired, Kind::kNames, "", "", "", "groups whose members may run changes"},
       {"roles", kRequired, Kind::kNames, "", "", "",
        "roles of this file they may run them in; each writes or defines"},
       {"seats", kRequired, Kind::kTables, "", "", "",
        "the approvals a rehearsed script takes, each by another person; `[]` takes none"},
       {"undo_seats", kOptional, Kind::kTables, "", "", "`seats`",
        "the approvals it takes to take a change back, or what a lease did"},
       {"drop_seats", kOptional, Kind::kTables, "", "", "`seats`",
        "the approvals it takes to destroy for good what a change kept"},
       {"unrehearsed_seats", kOptional, Kind::kTables, "", "", "it is refused",
        "the approvals it takes to run what cannot be rehearsed; at least one"},
       {"tolerance_percent", kOptional, Kind::kWhole, "0", "100", "0",
        "how far the counts may differ from the rehearsed ones"},
       {"samples", kOptional, Kind::kWhole, "0", "100", "5",
        "how many rows per table the report shows before and after"},
       {"masked", kOptional, Kind::kColumns, "", "", "every column is shown",
        "columns whose values no report shows, `schema.table.column`"},
       {"rows_max", kOptional, Kind::kWhole, "1", "1000000000", "100000",
        "how many rows one change may touch"},
       {"longest", kOptional, Kind::kTime, "1s", "1d", "10m",
        "how long a rehearsal or an execution may take; at most the `longest` of each of its "
        "roles, which also bounds what is left out"},
       {"statement_timeout", kOptional, Kind::kTime, "1s", "1d", "5m",
        "how long one statement may take"},
       {"lock_timeout", kOptional, Kind::kTime, "1s", "1d", "2s",
        "how long a statement may wait for a lock, with everybody behind it"},
       {"waiting_period", kOptional, Kind::kTime, "1m", "365d", "7d",
        "how long what was kept is kept before it may be dropped for good"},
       {"images_kept", kOptional, Kind::kTime, "1h", "3660d", "30d",
        "how long a change can be taken back"}}};
  return section;
}

const Section& Seat() {
  static const Section section{
      "A seat",
      "a seat",
      {{"name", kRequired, Kind::kName, "", "", "",
        "unique in its rule; it is named in every answer"},
       {"from", kOptional, Kind::kName, "", "", "`manager_of` must be there",
        "the group whose members may sit"},
       {"manager_of", kOptional, Kind::kSomebody, "", "", "`from` must be there",
        "`\"requester\"`: the manager of whoever asks"}}};
  return section;
}

const Section& CasesFile() {
  static const Section section{"`<target>.cases.toml`",
                               "a cases file",
                               {{"cases", kRequired, Kind::kTables, "", "", "",
                                 "one inline table per case, one case per line"}}};
  return section;
}

const Section& Case() {
  static const Section section{
      "A case",
      "a case",
      {{"expect", kRequired, Kind::kText, "", "", "", "the verdict; its forms are listed below"},
       {"who", kRequired, Kind::kName, "", "", "", "the person who asks"},
       {"role", kRequired, Kind::kName, "", "", "", "the role asked for"},
       {"ttl", kOptional, Kind::kTime, "1s", "3660d", "the role's default",
        "the time asked for; a change has none"},
       {"path", kOptional, Kind::kPath, "", "", "`\"ordinary\"`",
        "`\"break-glass\"` for an emergency, `\"change\"` for a guarded change"},
       {"purpose", kOptional, Kind::kPurpose, "", "", "`\"script\"`",
        "only of a change: `\"unrehearsed\"`, `\"undo\"` or `\"drop_for_good\"`"},
       {"rule", kOptional, Kind::kName, "", "", "any rule may decide",
        "the rule that has to decide"},
       {"target", kOptional, Kind::kName, "", "", "the target of the file's name",
        "another target"},
       {"approved_by", kOptional, Kind::kNames, "", "", "nobody says yes",
        "persons who say yes; together with `then`"},
       {"then", kOptional, Kind::kText, "", "", "",
        "what stands after them: `\"approved\"` or `\"waiting\"`; for an emergency `\"reviewed\"` "
        "or `\"owed\"`"}}};
  return section;
}

std::vector<const Section*> All() {
  return {&PeopleFile(), &Person(),     &Offices(), &Limits(), &TargetFile(), &Role(), &Guard(),
          &Rule(),       &BreakGlass(), &Change(),  &Seat(),   &CasesFile(),  &Case()};
}

}  // namespace schema

absl::string_view WordFor(Kind kind) {
  switch (kind) {
    case Kind::kName:
      return "name";
    case Kind::kNames:
      return "array of names";
    case Kind::kNamesOrNone:
      return "array of names, may be empty";
    case Kind::kPgGroup:
      return "PostgreSQL role";
    case Kind::kColumns:
      return "array of columns, may be empty";
    case Kind::kPgGroups:
      return "array of PostgreSQL roles";
    case Kind::kIdentities:
      return "array of URIs";
    case Kind::kTime:
      return "time";
    case Kind::kWhole:
      return "whole number";
    case Kind::kYesNo:
      return "true or false";
    case Kind::kAccess:
    case Kind::kAttached:
    case Kind::kKeyless:
    case Kind::kPurpose:
    case Kind::kSomebody:
    case Kind::kPath:
      return "word";
    case Kind::kText:
      return "text";
    case Kind::kTable:
      return "table";
    case Kind::kTables:
      return "array of tables";
  }
  return "";
}

}  // namespace jit::policy_files
