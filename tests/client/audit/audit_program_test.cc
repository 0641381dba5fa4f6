#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/journal_sqlite/journal.h"
#include "broker/ledger/merkle.h"
#include "client/audit/commands.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/audit/written_journal.h"
#include "tests/client/test_console.h"
#include "tests/ledger/example_key.h"
#include "tests/testing/thoroughness.h"

namespace jit::audit {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::WrittenJournal;

struct Answer {
  int code;
  std::string out;
  std::string err;
};

Answer AnswerTo(const std::vector<std::string>& arguments,
                console::Terminal err_terminal = console::Terminal::kNo) {
  testing::TestConsole console;
  console.get().err.terminal = err_terminal;
  Typed typed;
  const auto code = console::RunProgram(AuditProgram(typed), arguments, console.get());
  return {Number(code), console.out(), console.err()};
}

class JitAudit : public ::testing::Test {
 protected:
  JitAudit() {
    std::string name = ::testing::TempDir() + "jit-audit-test.XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~JitAudit() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  // The journal and its checkpoint, as exported.
  std::string Export(const WrittenJournal& journal) const {
    Write("journal.jsonl.checkpoint", journal.Checkpoint().note);
    return Write("journal.jsonl", journal.File());
  }
  static std::vector<std::string> Verify(const std::string& file,
                                         const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"verify", file, "--key", WrittenJournal::VerifierKey()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::string folder_;
  const WrittenJournal journal_ = WrittenJournal::OfAFewLeases();
};

TEST_F(JitAudit, VerifiesAnHonestExportAndSaysWhatItChecked) {
  const Answer answer = AnswerTo(Verify(Export(journal_)));
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
  EXPECT_THAT(answer.out, HasSubstr(absl::StrCat("verified: the first ", journal_.records().size(),
                                                 " records are what jit-access/demo signed")));
  EXPECT_THAT(answer.out, HasSubstr("signed by reviewer with the certificate of "
                                    "jit://test/reviewer"));
  EXPECT_EQ(answer.err, "");
}

TEST_F(JitAudit, TellsAScriptTheSameInJson) {
  const Answer answer = AnswerTo(Verify(Export(journal_), {"--output", "json"}));
  const json report = json::parse(answer.out);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(report["verified"], true);
  EXPECT_EQ(report["records"], journal_.records().size());
  EXPECT_EQ(report["signed_records"], journal_.records().size());
  EXPECT_EQ(report["root"], ledger::HexOf(journal_.Checkpoint().body.root));
  EXPECT_EQ(report["findings"], json::array());
  EXPECT_EQ(report["reviews"], 3);
}

TEST_F(JitAudit, ReadsTheKeyFromAFile) {
  const std::string file = Export(journal_);
  const std::string key = Write("broker.vkey", WrittenJournal::VerifierKey() + "\n");
  EXPECT_EQ(AnswerTo({"verify", file, "--key", "@" + key}).code, 0);
}

TEST_F(JitAudit, FindsAFlippedBitAndNamesItsPlace) {
  const std::string file = Export(journal_);
  std::string text = journal_.File();
  text[text.find("looked at it")] ^= 2;
  Write("journal.jsonl", text);
  const Answer answer = AnswerTo(Verify(file));
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.out, HasSubstr("not_as_signed: after line "));
  EXPECT_THAT(answer.out, HasSubstr("signature_invalid: record "));
  EXPECT_THAT(answer.out, HasSubstr("does not verify: "));
  const Answer as_json = AnswerTo(Verify(file, {"--output", "json"}));
  EXPECT_EQ(as_json.code, 1);
  EXPECT_EQ(json::parse(as_json.out)["verified"], false);
  EXPECT_EQ(json::parse(as_json.out)["findings"][0]["flaw"], "not_as_signed");
}

TEST_F(JitAudit, FindsATruncatedExport) {
  const std::string file = Export(journal_);
  const std::string text = journal_.File();
  Write("journal.jsonl", text.substr(0, text.rfind('\n', text.size() - 2) + 1));
  const Answer cut_between = AnswerTo(Verify(file));
  EXPECT_EQ(cut_between.code, 1);
  EXPECT_THAT(cut_between.out, HasSubstr("fewer_than_signed"));
  Write("journal.jsonl", text.substr(0, text.size() - 1));
  EXPECT_THAT(AnswerTo(Verify(file)).out, HasSubstr("unfinished_line"));
  Write("journal.jsonl", "");
  EXPECT_EQ(AnswerTo(Verify(file)).code, 1);
}

TEST_F(JitAudit, FindsARewrittenHistoryThatWasSignedAgain) {
  const std::string remembered = Write("remembered.note", journal_.Checkpoint(10).note);
  WrittenJournal rewritten = WrittenJournal::OfAFewLeases();
  rewritten.EditFirst("lease.asked.v1", [](json& body) { body["incident"] = "INC-1"; });
  const std::string file = Export(rewritten);
  const Answer answer = AnswerTo(Verify(file, {"--checkpoint", remembered}));
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.out, HasSubstr("not_as_signed: after line 10"));
}

TEST_F(JitAudit, FindsAForgedReviewInAJournalThatIsOtherwiseSigned) {
  WrittenJournal forged = WrittenJournal::OfAFewLeases();
  forged.EditFirst("lease.reviewed.v1",
                   [](json& body) { body["review"]["note"] = "never said so"; });
  const Answer answer = AnswerTo(Verify(Export(forged)));
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.out, HasSubstr("signature_invalid"));
  EXPECT_THAT(answer.out, Not(HasSubstr("not_as_signed")));
}

TEST_F(JitAudit, SaysHowMuchNobodySignedYet) {
  Write("journal.jsonl.checkpoint", journal_.Checkpoint(journal_.records().size() - 2).note);
  const Answer answer = AnswerTo(Verify(Write("journal.jsonl", journal_.File())));
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.out, HasSubstr("the last 2 records came after the checkpoint"));
}

TEST_F(JitAudit, DoesNotVerifyWithoutACheckpointOrWithOneOfAnotherKey) {
  const std::string file = Write("journal.jsonl", journal_.File());
  const Answer without = AnswerTo(Verify(file));
  EXPECT_EQ(without.code, 1);
  EXPECT_THAT(without.out, HasSubstr("no_checkpoint"));
  const auto stranger =
      ledger::CheckpointSigner::Create("jit-access/demo", ledger::Ed25519Pem(std::string(32, 's')));
  Export(journal_);
  const Answer other = AnswerTo({"verify", file, "--key", stranger->Verifier().text()});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.out, HasSubstr("checkpoint_not_signed: the checkpoint beside the journal: the "
                                   "note is not signed by this key"));
}

TEST_F(JitAudit, SaysWhichFileCannotBeRead) {
  const std::string file = Export(journal_);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{Verify(Path("missing")),
                                             Verify(folder_),
                                             Verify(file, {"--checkpoint", Path("missing")}),
                                             Verify(file, {"--authorities", Path("missing")}),
                                             {"verify", file, "--key", "@" + Path("missing")},
                                             {"verify", file, "--key", "no key"},
                                             {"show", Path("missing")},
                                             {"timeline", folder_}}) {
    const Answer answer = AnswerTo(words);
    EXPECT_EQ(answer.code, 3) << answer.out << answer.err;
    EXPECT_THAT(answer.err, HasSubstr("jit-audit: "));
    EXPECT_EQ(answer.out, "");
  }
}

TEST_F(JitAudit, ExplainsACommandLineThatMakesNoSense) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"verify"},
                                             {"verify", "x"},
                                             {"shwo", "x"},
                                             {"show", "x", "y"},
                                             {"show", "x", "-1"},
                                             {"verify", "x", "--key", "k", "--output", "xml"}}) {
    EXPECT_EQ(AnswerTo(words).code, 2);
  }
}

TEST_F(JitAudit, EveryCommandHasHelpWithAnExample) {
  for (const char* command : {"verify", "show", "timeline"}) {
    const Answer answer = AnswerTo({command, "--help"});
    EXPECT_EQ(answer.code, 0);
    EXPECT_THAT(answer.out, HasSubstr("Examples:"));
    EXPECT_THAT(answer.out, HasSubstr(absl::StrCat("jit-audit ", command)));
  }
}

TEST_F(JitAudit, ShowsOneRecordALeaseOrAll) {
  const std::string file = Export(journal_);
  const Answer one = AnswerTo({"show", file, "1"});
  EXPECT_EQ(one.code, 0);
  EXPECT_THAT(one.out, HasSubstr("engineer"));
  EXPECT_THAT(one.out, HasSubstr(ledger::HexOf(ledger::LeafHash(journal_.Lines()[1]))));
  EXPECT_THAT(one.out, HasSubstr("\"requester\": \"engineer\""));
  EXPECT_EQ(AnswerTo({"show", file, "1000"}).code, 1);
  const Answer all = AnswerTo({"show", file, "--output", "json"});
  EXPECT_EQ(json::parse(all.out).size(), journal_.records().size());
  const std::string lease = journal_.records()[1].stream.substr(6);
  const Answer of_lease = AnswerTo({"show", file, "--lease", lease, "--output", "json"});
  EXPECT_EQ(json::parse(of_lease.out)[0], json::parse(journal_.Lines()[1]));
}

TEST_F(JitAudit, TellsTheTimelineOfEachLease) {
  const Answer answer = AnswerTo({"timeline", Export(journal_)});
  EXPECT_EQ(answer.code, 0);
  for (const char* words :
       {"asked for writer on shop for 30m: order 4711 is stuck",
        "broke the glass for writer on shop for 15m (incident INC-7): order 4711 is stuck",
        "reviewer  said yes (seats filled: review by reviewer): looked at it",
        "said no: looked at it", "the login works", "off: no login, no privilege, no session",
        "withdrew it", "manager  reviewed the break-glass and accepts it: looked at it",
        "broker/policy", "a policy was put in force: abc"}) {
    EXPECT_THAT(answer.out, HasSubstr(words));
  }
  const std::string lease = journal_.records()[1].stream.substr(6);
  const json told = json::parse(
      AnswerTo({"timeline", Path("journal.jsonl"), "--lease", lease, "--output", "json"}).out);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["stream"], "lease/" + lease);
  EXPECT_EQ(told[0]["events"][0]["who"], "engineer");
  EXPECT_EQ(AnswerTo({"timeline", Path("journal.jsonl"), "--lease", "nobody"}).code, 1);
}

TEST_F(JitAudit, PicksAChangeByItsId) {
  WrittenJournal journal = WrittenJournal::OfAFewLeases();
  journal.Add(testing::AppliedChangeStory(1));
  const std::string file = Export(journal);
  const std::string id = testing::ChangeIdNumbered(1).text();
  const Answer told = AnswerTo({"timeline", file, "--change", id});
  EXPECT_EQ(told.code, 0);
  for (const char* words : {"planned a script as writer on shop: order 4711 is stuck",
                            "submitted for review", "applied: it is committed"}) {
    EXPECT_THAT(told.out, HasSubstr(words));
  }
  EXPECT_THAT(told.out, HasSubstr("change " + id));
  EXPECT_THAT(told.out, Not(HasSubstr("lease " + id)));
  const Answer shown = AnswerTo({"show", file, "--change", id, "--output", "json"});
  EXPECT_EQ(json::parse(shown.out).size(), 7u);
  EXPECT_EQ(AnswerTo({"timeline", file, "--change", "nobody"}).code, 1);
  EXPECT_EQ(AnswerTo({"show", file, "--change", "nobody"}).code, 1);
}

TEST_F(JitAudit, ShowsWhatOthersWroteWithEveryCharacterVisible) {
  WrittenJournal journal = WrittenJournal::OfAFewLeases();
  journal.EditFirst("lease.asked.v1",
                    [](json& body) { body["reason"] = "safe\x1b[2J\u202Eevil\nlease of nobody"; });
  const std::string file = Export(journal);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"timeline", file}, {"show", file, "1"}, {"show", file, "1", "--output", "json"}}) {
    const std::string out = AnswerTo(words).out;
    EXPECT_THAT(out, Not(HasSubstr("\x1b[2J")));
    EXPECT_THAT(out, Not(HasSubstr("\u202E")));
    EXPECT_THAT(out, Not(HasSubstr("\nlease of nobody")));
  }
  EXPECT_THAT(AnswerTo({"timeline", file}).out, HasSubstr("safe\\x1b[2J\\u{202e}evil\\nlease of"));
}

TEST_F(JitAudit, PassesOverLinesThatAreNoRecordsAndSaysSo) {
  const std::string file = Write("journal.jsonl", journal_.File() + "what is this\n");
  EXPECT_THAT(AnswerTo({"timeline", file}).err, HasSubstr("1 lines are no records"));
}

// The tables of the embedded store that an auditor reads.
class Store : public JitAudit {
 protected:
  static void Do(sqlite3* database, const std::string& sql) {
    char* words = nullptr;
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &words), SQLITE_OK) << words;
  }
  // Every record through the broker's own journal, with a checkpoint early and one at the end.
  void Fill(journal_sqlite::SqliteJournal& store) const {
    for (const ledger::Record& record : journal_.records()) {
      ports::Append append;
      append.stream = record.stream;
      append.expected_version = record.version - 1;
      append.time = record.time;
      append.records = {{record.type, record.body}};
      ASSERT_TRUE(store.Commit(append).ok());
      if (record.sequence == 9) {
        ASSERT_TRUE(store.Checkpoint().ok());
      }
    }
    ASSERT_TRUE(store.Checkpoint().ok());
  }
  static std::unique_ptr<journal_sqlite::SqliteJournal> Open(const std::string& path) {
    auto store = journal_sqlite::SqliteJournal::Open(
        {path, ""},
        ledger::CheckpointSigner::Create("jit-access/demo", ledger::ExampleKeyPem()).value());
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  // A copy of a store, made while the broker was stopped.
  std::string Copy() const {
    const std::string path = Path("a store %20?.db");
    std::filesystem::remove(path);
    Fill(*Open(path));
    return path;
  }
  std::string Changed(const std::string& sql) const {
    const std::string path = Copy();
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    Do(database,
       "drop trigger records_are_never_changed; drop trigger records_are_never_deleted;"
       "drop trigger checkpoints_are_never_changed;");
    Do(database, sql);
    sqlite3_close(database);
    return path;
  }
};

TEST_F(Store, VerifiesLikeAnExportAndLeavesNothingBeside) {
  const std::string copy = Copy();
  const Answer answer = AnswerTo(Verify(copy));
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("checkpoints  2 compared"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(AnswerTo({"timeline", copy}).out, AnswerTo({"timeline", Export(journal_)}).out);
}

TEST_F(Store, WithAWriteAheadLogBesideItIsReadWithIt) {
  const auto live = Open(Path("live.db"));
  Fill(*live);
  std::filesystem::copy_file(Path("live.db"), Path("copy.db"));
  std::filesystem::copy_file(Path("live.db-wal"), Path("copy.db-wal"));
  const Answer answer = AnswerTo(Verify(Path("copy.db")));
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
  EXPECT_FALSE(std::filesystem::exists(Path("copy.db-shm")));
}

TEST_F(Store, FindsWhatWasChangedInTheTables) {
  for (const char* sql : {
           "update records set bytes = cast(replace(cast(bytes as text), 'stuck', 'stock') as "
           "blob) where sequence = 1",
           "delete from records where sequence = 7",
           "delete from records where sequence > 7",
           "update records set sequence = 1000 where sequence = 7",
           "update records set stream = 'lease/another' where sequence = 7",
           "update records set version = 1000 where sequence = 7",
           "update records set leaf = zeroblob(32) where sequence = 7",
           "update checkpoints set note = replace(note, 'demo', 'dome') where size = 10",
       }) {
    const Answer answer = AnswerTo(Verify(Changed(sql)));
    EXPECT_EQ(answer.code, 1) << sql << "\n" << answer.out << answer.err;
  }
}

TEST_F(Store, ThatIsDamagedOrSomethingElseIsToldApart) {
  const std::string other = Path("other.db");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(other.c_str(), &database), SQLITE_OK);
  Do(database, "create table t(x)");
  sqlite3_close(database);
  const Answer answer = AnswerTo(Verify(other));
  EXPECT_EQ(answer.code, 3);
  EXPECT_THAT(answer.err, HasSubstr("not the store of a jit-broker"));
}

// Bits of a database file that hold nothing may flip unseen; those that hold a record may not. So
// each bit of the file is flipped, and either something is found or the records read are the same.
TEST_F(Store, NoFlippedBitChangesARecordUnseen) {
  const std::string copy = Copy();
  std::ifstream in(copy, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const json honest = json::parse(AnswerTo({"show", copy, "--output", "json"}).out);
  for (std::size_t at = 0; at < bytes.size(); at += 97 * testing::EveryNth()) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    Write("flipped.db", flipped);
    if (AnswerTo(Verify(Path("flipped.db"))).code == 0) {
      EXPECT_EQ(json::parse(AnswerTo({"show", Path("flipped.db"), "--output", "json"}).out), honest)
          << "byte " << at;
    }
  }
}

}  // namespace
}  // namespace jit::audit
