// The wire, compared with the one that is out there: a field, value or method that has gone or has
// become another one breaks every client that is older.
#include "google/protobuf/descriptor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "jit/v1/audit_service.pb.h"
#include "jit/v1/change.pb.h"
#include "jit/v1/change_service.pb.h"
#include "jit/v1/lease.pb.h"
#include "jit/v1/lease_service.pb.h"
#include "jit/v1/operator_service.pb.h"
#include "jit/v1/refusal.pb.h"
#include "jit/v1/review_service.pb.h"

namespace jit::rpc {
namespace {

namespace pb = google::protobuf;
using Facts = std::set<std::string>;

constexpr char kGolden[] = JIT_SOURCE_DIR "/tests/rpc/golden/jit_v1.txt";

std::string TypeOf(const pb::FieldDescriptor& field) {
  if (field.message_type() != nullptr) {
    return field.message_type()->full_name();
  }
  return field.enum_type() != nullptr ? field.enum_type()->full_name() : field.type_name();
}

void AddEnum(const pb::EnumDescriptor& each, Facts& facts) {
  for (int i = 0; i < each.value_count(); ++i) {
    facts.insert(absl::StrCat("value ", each.full_name(), " ", each.value(i)->number(), " ",
                              each.value(i)->name()));
  }
}

void AddMessage(const pb::Descriptor& message, Facts& facts) {
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    facts.insert(absl::StrCat("field ", message.full_name(), " ", field.number(), " ",
                              field.is_repeated() ? "repeated " : "", TypeOf(field), " ",
                              field.name()));
  }
  for (int i = 0; i < message.enum_type_count(); ++i) {
    AddEnum(*message.enum_type(i), facts);
  }
  for (int i = 0; i < message.nested_type_count(); ++i) {
    AddMessage(*message.nested_type(i), facts);
  }
}

void AddService(const pb::ServiceDescriptor& service, Facts& facts) {
  for (int i = 0; i < service.method_count(); ++i) {
    const pb::MethodDescriptor& method = *service.method(i);
    facts.insert(absl::StrCat(
        "method ", method.full_name(), " (", method.client_streaming() ? "stream " : "",
        method.input_type()->full_name(), ") -> ", method.server_streaming() ? "stream " : "",
        method.output_type()->full_name()));
  }
}

Facts FactsOfTheWire() {
  Facts facts;
  for (const pb::Descriptor* any :
       {v1::Lease::descriptor(), v1::Refusal::descriptor(), v1::WhoAmIRequest::descriptor(),
        v1::ListInboxRequest::descriptor(), v1::GetCheckpointRequest::descriptor(),
        v1::ReloadPolicyRequest::descriptor(), v1::Change::descriptor(),
        v1::PlanChangeRequest::descriptor()}) {
    const pb::FileDescriptor& file = *any->file();
    for (int i = 0; i < file.message_type_count(); ++i) {
      AddMessage(*file.message_type(i), facts);
    }
    for (int i = 0; i < file.enum_type_count(); ++i) {
      AddEnum(*file.enum_type(i), facts);
    }
    for (int i = 0; i < file.service_count(); ++i) {
      AddService(*file.service(i), facts);
    }
  }
  return facts;
}

Facts LinesOf(const std::string& path) {
  std::ifstream file(path);
  Facts lines;
  for (std::string line; std::getline(file, line);) {
    lines.insert(line);
  }
  return lines;
}

// One per line; empty when nothing is missing.
std::string Missing(const Facts& from, const Facts& in) {
  std::vector<std::string> missing;
  std::set_difference(from.begin(), from.end(), in.begin(), in.end(), std::back_inserter(missing));
  return absl::StrJoin(missing, "\n");
}

TEST(Descriptors, NothingThatClientsRelyOnHasGoneOrChanged) {
  const Facts golden = LinesOf(kGolden);
  ASSERT_FALSE(golden.empty()) << kGolden;
  EXPECT_EQ(Missing(golden, FactsOfTheWire()), "")
      << "these were on the wire and are not any more: reserve and replace, never reuse";
}

TEST(Descriptors, WhatIsNewIsWrittenDown) {
  EXPECT_EQ(Missing(FactsOfTheWire(), LinesOf(kGolden)), "")
      << "these are new: add the lines, sorted, to " << kGolden;
}

TEST(Descriptors, EveryMutationCarriesAnIdempotencyId) {
  const Facts facts = FactsOfTheWire();
  for (const char* request :
       {"CreateLeaseRequest", "BreakGlassRequest", "OpenLeaseRequest", "EndLeaseRequest",
        "WithdrawLeaseRequest", "ApproveLeaseRequest", "DenyLeaseRequest", "RevokeLeaseRequest",
        "ReviewBreakGlassRequest", "PlanChangeRequest", "PlanUndoRequest", "PlanDropRequest",
        "SubmitChangeRequest", "WithdrawChangeRequest", "ApplyChangeRequest", "CancelChangeRequest",
        "ReviewChangeRequest", "DenyChangeRequest"}) {
    EXPECT_TRUE(facts.contains(absl::StrCat("field jit.v1.", request, " 1 string idempotency_id")))
        << request;
  }
}

// A message may carry a verifier, and the installed protobuf knows no redaction: nothing in the
// broker's or the clients' code turns a message into text.
TEST(Descriptors, NoMessageIsEverPrinted) {
  const std::vector<std::string> printers = {"DebugString(",   "ShortDebugString(",
                                             "TextFormat",     "MessageToJsonString",
                                             "PrintToString(", "json_util"};
  namespace fs = std::filesystem;
  int files = 0;
  for (const char* room : {"/broker/rpc", "/client"}) {
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(std::string(JIT_SOURCE_DIR) + room)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") {
        continue;
      }
      ++files;
      std::ifstream file(entry.path());
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      for (const std::string& printer : printers) {
        EXPECT_EQ(text.find(printer), std::string::npos) << entry.path() << " uses " << printer;
      }
    }
  }
  EXPECT_GT(files, 20);
}

}  // namespace
}  // namespace jit::rpc
