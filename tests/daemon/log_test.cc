#include "broker/daemon/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace jit::daemon {
namespace {

constexpr char kTime[] = "2026-11-20T10:26:36.000Z";

TEST(Log, AJsonLineIsOneLineThatReadsBackWhateverIsPutIntoIt) {
  const std::string nasty = "a\"b\\c\nd\x1b[31m\x7f" + std::string(1, '\0') + "\xff\xfe end";
  const std::string line = JsonLine(kTime, "info", nasty, {{"target", nasty}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  const nlohmann::json read = nlohmann::json::parse(line);
  EXPECT_THAT(read["message"].get<std::string>(), testing::StartsWith("a\"b\\c\nd\x1b[31m"));
  EXPECT_EQ(read["time"], kTime);
  EXPECT_EQ(read["level"], "info");
}

TEST(Log, ATextLineShowsControlCharactersInsteadOfSendingThem) {
  const std::string line = TextLine(kTime, "error", "one\ntwo\x1b[2J", {{"fault", "x\ry"}});
  EXPECT_EQ(line, "2026-11-20T10:26:36.000Z error  one\\ntwo\\x1b[2J  fault=x\\ry");
}

TEST(Log, NobodyForgesAFieldThroughAValue) {
  testing::internal::CaptureStderr();
  {
    Log log(LogFormat::kJson, LogLevel::kInfo);
    log.Info("opened\x1fperson\x1emanager", {{"person", "engineer\x1frole\x1ewriter"}});
  }
  const nlohmann::json read = nlohmann::json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(read["person"], "engineer?role?writer");
  EXPECT_FALSE(read.contains("role"));
}

TEST(Log, DropsWhatIsBelowItsLevel) {
  testing::internal::CaptureStderr();
  {
    Log log(LogFormat::kText, LogLevel::kWarning);
    log.Info("quiet");
    log.Warning("loud");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("quiet")));
  EXPECT_THAT(text, testing::HasSubstr("warning  loud\n"));
}

}  // namespace
}  // namespace jit::daemon
