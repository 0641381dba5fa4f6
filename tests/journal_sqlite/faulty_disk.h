// A SQLite file layer that fails when it is told to, and knows what a power cut would leave behind.
//
// It stands before the system's own layer and passes everything on. A file's content after a power
// cut is what was last flushed, with some of the later writes, whole or in part, on top of it. One
// thread at a time may set it up; SQLite may use it from any thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace jit::testing {

enum class DiskCall { kOpen, kWrite, kSync, kTruncate, kRead };

struct DiskFault {
  DiskCall call = DiskCall::kWrite;
  int nth = 1;              // counted from 1, over all files
  int code = SQLITE_IOERR;  // what SQLite is answered; SQLITE_FULL: half of a write is done
  enum class Lasts { kOnce, kForGood } lasts = Lasts::kOnce;
};

class FaultyDisk {
 public:
  FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  // Every file opened through it must be closed.
  ~FaultyDisk();

  const std::string& vfs() const { return name_; }
  void Break(const DiskFault& fault);
  void Mend();
  bool has_failed() const;  // since Break
  int calls(DiskCall call) const;
  void SlowDownFlushes(int milliseconds);

  // From now on nothing reaches the files, as if the machine had lost power; what was under way
  // fails. Then puts the files into a state that such a machine could be found in, chosen by
  // `seed`.
  void CutPower();
  void PowerUp(std::uint64_t seed);

 private:
  struct Layer;
  friend struct Layer;
  struct Image {
    std::string flushed;
    std::vector<std::pair<sqlite3_int64, std::string>> later;  // writes since; a truncation is
                                                               // a write of nothing at its size
  };

  // SQLITE_OK, or what the call has to fail with.
  int Count(DiskCall call);

  const std::string name_;
  sqlite3_vfs layer_;
  mutable std::mutex mutex_;
  std::map<DiskCall, int> calls_;
  DiskFault fault_;
  int calls_to_fault_ = 0;  // 0: no fault is set
  bool has_failed_ = false;
  bool power_ = true;
  int flush_milliseconds_ = 0;
  std::map<std::string, Image> images_;
};

}  // namespace jit::testing
