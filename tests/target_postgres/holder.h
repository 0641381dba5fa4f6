// A holder of a login who does not mean well: raw libpq, any start-up option, nothing pinned.
//
// Thread-compatible; several holders in several threads are what a storm is made of.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct pg_conn;

namespace jit::testing {

class Holder {
 public:
  // Starts to connect and waits for nothing. `options` are start-up options ("-c
  // post_auth_delay=3").
  explicit Holder(const std::string& conninfo, const std::string& options = "");
  Holder(Holder&&) = default;
  Holder& operator=(Holder&&) = default;

  // Whether the connection came about within so long.
  bool Connected(std::chrono::milliseconds patience = std::chrono::seconds(10));
  // Runs one statement; answers whether it worked. Waits as long as it takes.
  bool Run(const std::string& sql);
  // The single value of a query, or what went wrong in the form "ERROR 42501".
  std::string Ask(const std::string& sql);
  // Moves a connection that is still starting on as far as the server lets it.
  void Poll();

 private:
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Closer> connection_;
};

}  // namespace jit::testing
