// The doctor on a good target, and on targets that were made bad on purpose.
#include "broker/target_postgres/doctor.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using target_postgres::Diagnosis;
using target_postgres::Severity;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

MATCHER_P2(Says, severity, part, "") {
  *result_listener << target_postgres::SeverityWord(arg.severity) << ": " << arg.sentence;
  return arg.severity == severity && absl::StrContains(arg.sentence, absl::string_view(part));
}

class Doctor : public Stage {
 protected:
  std::vector<Diagnosis> Examine(const std::string& conninfo = "") {
    target_postgres::DoctorOptions options;
    options.conninfo = conninfo.empty() ? world_->BrokerConninfo() : conninfo;
    options.admin_conninfo = cluster().SuperuserConninfo("shop");
    auto diagnoses = target_postgres::Examine(options, world_->clock());
    EXPECT_THAT(diagnoses, IsOk());
    return diagnoses.ok() ? *diagnoses : std::vector<Diagnosis>();
  }
  // The answer must change when the SQL it names is run.
  void MendsAsItSays(absl::string_view part) {
    for (const Diagnosis& diagnosis : Examine()) {
      if (diagnosis.severity != Severity::kOk && absl::StrContains(diagnosis.sentence, part)) {
        Sql(diagnosis.mend);
        EXPECT_THAT(Examine(), Not(Contains(Says(diagnosis.severity, diagnosis.sentence))));
        return;
      }
    }
    ADD_FAILURE() << "nothing was said about " << part;
  }
};

TEST_F(Doctor, AGoodTargetHasNoDanger) {
  const std::vector<Diagnosis> diagnoses = Examine();
  ASSERT_GT(diagnoses.size(), 10U);
  for (const Diagnosis& diagnosis : diagnoses) {
    EXPECT_NE(diagnosis.severity, Severity::kDanger) << diagnosis.sentence;
    EXPECT_THAT(diagnosis.sentence, Not(HasSubstr("could not be asked")));
    EXPECT_THAT(diagnosis.sentence, ::testing::EndsWith("."));
  }
  EXPECT_THAT(diagnoses, Contains(Says(Severity::kOk, "system identifier")));
  EXPECT_THAT(diagnoses, Contains(Says(Severity::kWarning, "connect to the database")));
  EXPECT_THAT(diagnoses, Contains(Says(Severity::kOk, "does not log the values")));
}

TEST_F(Doctor, EverythingThatWasMadeBadIsNamedWithTheSqlThatMendsIt) {
  struct Bad {
    const char* sql;
    const char* sentence;
  };
  const Bad table[] = {
      {"alter role jit_broker createrole", "has CREATEROLE"},
      {"grant app_writer to jit_broker", "member of"},
      {"grant select on public.orders to public", "can read or write"},
      {"create role friend; grant jit_owner to friend", "can do all that it can"},
      {"alter role jit_owner createdb", "more than CREATEROLE"},
      {"revoke pg_signal_backend from jit_owner", "may not end sessions"},
      {"grant execute on function jit.bar(text[], int) to public", "Everybody may call"},
      {"alter function jit.bar(text[], int) reset search_path", "search_path of its caller"},
      {"alter function jit.measure() owner to postgres", "does not belong to jit_owner"},
      {"grant pg_read_all_data to app_reader", "must not be given"},
      {"grant create on schema public to public", "create objects in the schema"},
      {"create role jit_aaaaaaaaaaaaaaaaaaaaaaaaaa", "is not ours"},
      {"alter role jit_broker reset log_parameter_max_length", "as soon as it logs"},
      {"grant create on database shop to app_writer", "may create schemas"},
      {"revoke connect on database shop from public;"
       "grant connect on database shop to jit_broker",
       "cannot connect"},
  };
  for (const Bad& bad : table) {
    SCOPED_TRACE(bad.sql);
    Sql(bad.sql);
    MendsAsItSays(bad.sentence);
  }
}

TEST_F(Doctor, LogsThatTakeBoundValuesAreADanger) {
  Sql("alter role jit_broker reset log_parameter_max_length;"
      "alter role jit_broker set log_statement = 'all'");
  EXPECT_THAT(Examine(), Contains(Says(Severity::kDanger, "verifiers get into the log")));
}

TEST_F(Doctor, LoginsThatNeedNoPasswordAreFoundInTheHostBasedRules) {
  EXPECT_THAT(Examine(), Not(Contains(Says(Severity::kDanger, "pg_hba.conf"))));
  PrivatePostgres::Options options;
  options.hba_first = {"host all all 127.0.0.1/32 trust"};
  auto lax = PostgresTarget::Start(options);
  ASSERT_THAT(lax, IsOk());
  target_postgres::DoctorOptions asked;
  asked.conninfo = (*lax)->BrokerConninfo();
  asked.admin_conninfo = (*lax)->cluster().SuperuserConninfo("shop");
  auto diagnoses = target_postgres::Examine(asked, world_->clock());
  ASSERT_THAT(diagnoses, IsOk());
  EXPECT_THAT(*diagnoses, Contains(Says(Severity::kDanger, "VALID UNTIL is not looked at")));
}

TEST_F(Doctor, PreparedTransactionsAreNamed) {
  PrivatePostgres::Options options;
  options.settings["max_prepared_transactions"] = "5";
  auto other = PostgresTarget::Start(options);
  ASSERT_THAT(other, IsOk());
  auto diagnoses = target_postgres::Examine(
      {.conninfo = (*other)->BrokerConninfo(), .admin_conninfo = {}}, world_->clock());
  ASSERT_THAT(diagnoses, IsOk());
  EXPECT_THAT(*diagnoses, Contains(Says(Severity::kWarning, "Prepared transactions")));
  EXPECT_THAT(*diagnoses, Contains(Says(Severity::kWarning, "only a superuser can")));
}

TEST_F(Doctor, AMissingKitIsADiagnosisAndNoError) {
  SqlIn("postgres", "create database bare");
  const std::vector<Diagnosis> diagnoses =
      Examine(absl::StrReplaceAll(world_->BrokerConninfo(), {{"dbname=shop", "dbname=bare"}}));
  EXPECT_THAT(diagnoses, Contains(Says(Severity::kDanger, "kit is missing")));
}

}  // namespace
}  // namespace jit::testing
