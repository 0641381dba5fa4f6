#include "tests/target_postgres/guarded_stage.h"

#include "absl/strings/str_cat.h"
#include "broker/target_postgres/kit.h"

namespace jit::testing {

void GuardedStage::SetUp() {
  Stage::SetUp();
  target_postgres::KitOptions options;
  options.owners = {*core::PgGroup::Parse("app_owner")};
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), options), IsOk());
  Sql("grant create on schema public to app_owner");
}

std::string GuardedStage::Broker(const std::string& sql) {
  return Holder(world_->BrokerConninfo()).Ask(sql);
}

void GuardedStage::Owner(const std::string& sql) {
  Sql(absl::StrCat("set role app_owner; ", sql));
}

void GuardedStage::MakeWritable(const std::string& tables) {
  Owner(absl::StrCat("grant select, insert, update, delete on ", tables, " to app_writer"));
}

void GuardedStage::AttachAll() {
  const std::string busy = Broker(
      "select count(*) from jit.guard_tables('{app_writer}') g"
      " where g.guardable and jit.guard_attach(g.rel, false) not in ('attached', 'already')");
  EXPECT_EQ(busy, "0");
}

Opened GuardedStage::OpenGuarded(const std::string& purpose, const Ceilings& ceilings,
                                 const std::string& change) {
  const Opened opened = Prepare();
  const std::string& login = opened.login.text();
  const std::string set = Broker(
      absl::StrCat("select jit.set_guard('", login, "', '", purpose, "', ", ceilings.statement_rows,
                   ", ", ceilings.session_rows, ", ", ceilings.share, ", ", ceilings.share_floor,
                   ", ", absl::ToUnixMicros(opened.order.valid_until), ", ",
                   change.empty() ? "null" : absl::StrCat("'", change, "'"),
                   ", array(select rel from jit.guard_tables('{app_writer}') where guardable))"));
  EXPECT_EQ(set, "");
  EXPECT_THAT(target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              IsOk());
  if (purpose != "interactive") {
    EXPECT_EQ(Broker(absl::StrCat("select jit.enlist_runner('", login, "')")), "");
  }
  AttachAll();
  return opened;
}

Opened GuardedStage::OpenUndo(const Opened& source, const std::string& on_conflict,
                              const std::string& tables) {
  const Opened opened = OpenRunner(absl::StrCat("undo ", ++undos_));
  EXPECT_EQ(
      Broker(absl::StrCat("select jit.permit_undo('", opened.login.text(), "', '",
                          source.login.text(), "', null, '", tables, "', '", on_conflict, "')")),
      "");
  return opened;
}

std::string GuardedStage::Undo(const Opened& source, const std::string& on_conflict) {
  return Enter(OpenUndo(source, on_conflict))
      .Ask("select concat(what, ' ', n) from jit.undo(false) where kind = 'total'");
}

std::string GuardedStage::Checksum() {
  return Sql(
      "set timezone = 'UTC'; set extra_float_digits = 3; select md5(coalesce(string_agg(x.a, ' '"
      " order by x.name), '')) from (select c.oid::regclass::text as name,"
      " (xpath('/row/a/text()', query_to_xml(format('select md5(string_agg(t::text, E''\\n''"
      " order by t::text)) as a from %s t', c.oid::regclass), true, true, '')))[1]::text as a"
      " from pg_class c where c.relkind in ('r', 'p') and not c.relispartition"
      " and c.relowner = 'app_owner'::regrole) x");
}

std::string GuardedStage::StepsOf(const Opened& opened) {
  return Sql(
      absl::StrCat("select string_agg(concat_ws(' ', tbl, op, n, cause), ', ' order by seq)"
                   " from jit.row_change where login = '",
                   opened.login.text(), "'"));
}

}  // namespace jit::testing
