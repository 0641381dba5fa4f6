#include "tests/journal_sqlite/faulty_disk.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

namespace jit::testing {
namespace {

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void Apply(std::string& content, sqlite3_int64 offset, const std::string& bytes) {
  const auto at = static_cast<std::size_t>(offset);
  if (bytes.empty()) {
    content.resize(std::min(content.size(), at));
    return;
  }
  content.resize(std::max(content.size(), at + bytes.size()));
  content.replace(at, bytes.size(), bytes);
}

// As far as a power cut got with one write: all of it, nothing, or its beginning.
std::string Torn(const std::string& bytes, std::mt19937_64& chance) {
  switch (chance() % 4) {
    case 0:
      return "";
    case 1:
      return bytes.substr(0, chance() % (bytes.size() + 1));
    default:
      return bytes;
  }
}

}  // namespace

// What SQLite calls. Everything static, since SQLite's own interface is a table of functions.
struct FaultyDisk::Layer {
  struct File {
    sqlite3_file base;
    FaultyDisk* disk;
    std::string* path;  // the name SQLite gave, kept as long as the file is open
    sqlite3_file* real;
  };

  static FaultyDisk* DiskOf(sqlite3_vfs* vfs) { return static_cast<FaultyDisk*>(vfs->pAppData); }
  static sqlite3_vfs* Real() { return sqlite3_vfs_find(nullptr); }
  static File* FileOf(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* RealOf(sqlite3_file* file) { return FileOf(file)->real; }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out) {
    FaultyDisk* disk = DiskOf(vfs);
    File* file = FileOf(base);
    file->base.pMethods = nullptr;
    if (const int failed = disk->Count(DiskCall::kOpen); failed != SQLITE_OK) {
      return failed == SQLITE_FULL ? SQLITE_FULL : SQLITE_CANTOPEN;
    }
    file->disk = disk;
    file->real = reinterpret_cast<sqlite3_file*>(file + 1);
    const int code = Real()->xOpen(Real(), name, file->real, flags, out);
    if (code != SQLITE_OK) {
      return code;
    }
    file->path = new std::string(name == nullptr ? "" : name);
    file->base.pMethods = &kMethods;
    const std::lock_guard<std::mutex> lock(disk->mutex_);
    if (!file->path->empty() && !disk->images_.contains(*file->path)) {
      disk->images_[*file->path] = {ContentOf(*file->path), {}};
    }
    return SQLITE_OK;
  }

  static int Close(sqlite3_file* file) {
    const int code = RealOf(file)->pMethods->xClose(RealOf(file));
    delete FileOf(file)->path;
    return code;
  }

  static int Read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
    const int failed = FileOf(file)->disk->Count(DiskCall::kRead);
    return failed != SQLITE_OK ? SQLITE_IOERR_READ
                               : RealOf(file)->pMethods->xRead(RealOf(file), into, size, at);
  }

  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    FaultyDisk* disk = FileOf(file)->disk;
    const int failed = disk->Count(DiskCall::kWrite);
    const int done = failed == SQLITE_FULL ? size / 2 : failed == SQLITE_OK ? size : 0;
    const int code =
        done == 0 ? SQLITE_OK : RealOf(file)->pMethods->xWrite(RealOf(file), from, done, at);
    if (done > 0) {
      const std::lock_guard<std::mutex> lock(disk->mutex_);
      disk->images_[*FileOf(file)->path].later.emplace_back(
          at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(done)));
    }
    return failed == SQLITE_OK ? code : failed == SQLITE_IOERR ? SQLITE_IOERR_WRITE : failed;
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    FaultyDisk* disk = FileOf(file)->disk;
    if (disk->Count(DiskCall::kTruncate) != SQLITE_OK) {
      return SQLITE_IOERR_TRUNCATE;
    }
    {
      const std::lock_guard<std::mutex> lock(disk->mutex_);
      disk->images_[*FileOf(file)->path].later.emplace_back(size, "");
    }
    return RealOf(file)->pMethods->xTruncate(RealOf(file), size);
  }

  static int Sync(sqlite3_file* file, int flags) {
    FaultyDisk* disk = FileOf(file)->disk;
    if (disk->Count(DiskCall::kSync) != SQLITE_OK) {
      return SQLITE_IOERR_FSYNC;
    }
    {
      const std::lock_guard<std::mutex> lock(disk->mutex_);
      Image& image = disk->images_[*FileOf(file)->path];
      for (const auto& [offset, bytes] : image.later) {
        Apply(image.flushed, offset, bytes);
      }
      image.later.clear();
    }
    if (disk->flush_milliseconds_ > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(disk->flush_milliseconds_));
      return SQLITE_OK;
    }
    return RealOf(file)->pMethods->xSync(RealOf(file), flags);
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return RealOf(file)->pMethods->xFileSize(RealOf(file), size);
  }
  static int Lock(sqlite3_file* file, int kind) {
    return RealOf(file)->pMethods->xLock(RealOf(file), kind);
  }
  static int Unlock(sqlite3_file* file, int kind) {
    return RealOf(file)->pMethods->xUnlock(RealOf(file), kind);
  }
  static int CheckReservedLock(sqlite3_file* file, int* out) {
    return RealOf(file)->pMethods->xCheckReservedLock(RealOf(file), out);
  }
  static int FileControl(sqlite3_file* file, int op, void* argument) {
    return RealOf(file)->pMethods->xFileControl(RealOf(file), op, argument);
  }
  static int SectorSize(sqlite3_file* file) {
    return RealOf(file)->pMethods->xSectorSize(RealOf(file));
  }
  static int Characteristics(sqlite3_file* file) {
    return RealOf(file)->pMethods->xDeviceCharacteristics(RealOf(file));
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    FaultyDisk* disk = DiskOf(vfs);
    const std::lock_guard<std::mutex> lock(disk->mutex_);
    if (!disk->power_) {
      return SQLITE_IOERR_DELETE;
    }
    disk->images_.erase(name);
    return Real()->xDelete(Real(), name, sync_folder);
  }

  static const sqlite3_io_methods kMethods;
};

const sqlite3_io_methods FaultyDisk::Layer::kMethods = {.iVersion = 1,
                                                        .xClose = Close,
                                                        .xRead = Read,
                                                        .xWrite = Write,
                                                        .xTruncate = Truncate,
                                                        .xSync = Sync,
                                                        .xFileSize = FileSize,
                                                        .xLock = Lock,
                                                        .xUnlock = Unlock,
                                                        .xCheckReservedLock = CheckReservedLock,
                                                        .xFileControl = FileControl,
                                                        .xSectorSize = SectorSize,
                                                        .xDeviceCharacteristics = Characteristics,
                                                        .xShmMap = nullptr,
                                                        .xShmLock = nullptr,
                                                        .xShmBarrier = nullptr,
                                                        .xShmUnmap = nullptr,
                                                        .xFetch = nullptr,
                                                        .xUnfetch = nullptr};

FaultyDisk::FaultyDisk()
    : name_("faulty-disk-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))),
      layer_(*Layer::Real()) {
  layer_.iVersion = 1;
  layer_.szOsFile = static_cast<int>(sizeof(Layer::File)) + Layer::Real()->szOsFile;
  layer_.zName = name_.c_str();
  layer_.pAppData = this;
  layer_.pNext = nullptr;
  layer_.xOpen = Layer::Open;
  layer_.xDelete = Layer::Delete;
  if (sqlite3_vfs_register(&layer_, 0) != SQLITE_OK) {
    std::abort();
  }
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&layer_);
}

void FaultyDisk::Break(const DiskFault& fault) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fault_ = fault;
  calls_to_fault_ = fault.nth;
  has_failed_ = false;
}

void FaultyDisk::Mend() {
  const std::lock_guard<std::mutex> lock(mutex_);
  calls_to_fault_ = 0;
}

bool FaultyDisk::has_failed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return has_failed_;
}

int FaultyDisk::calls(DiskCall call) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

void FaultyDisk::SlowDownFlushes(int milliseconds) {
  flush_milliseconds_ = milliseconds;
}

int FaultyDisk::Count(DiskCall call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++calls_[call];
  if (!power_ && call != DiskCall::kRead) {
    return SQLITE_IOERR;
  }
  if (calls_to_fault_ == 0 || call != fault_.call) {
    return SQLITE_OK;
  }
  if (calls_to_fault_ > 1) {
    --calls_to_fault_;
    return SQLITE_OK;
  }
  if (fault_.lasts == DiskFault::Lasts::kOnce) {
    calls_to_fault_ = 0;
  }
  has_failed_ = true;
  return fault_.code;
}

void FaultyDisk::CutPower() {
  const std::lock_guard<std::mutex> lock(mutex_);
  power_ = false;
}

void FaultyDisk::PowerUp(std::uint64_t seed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::mt19937_64 chance(seed);
  for (auto& [path, image] : images_) {
    std::string content = image.flushed;
    for (const auto& [offset, bytes] : image.later) {
      if (bytes.empty() || chance() % 4 == 0) {
        continue;
      }
      const std::string torn = Torn(bytes, chance);
      if (!torn.empty()) {
        Apply(content, offset, torn);
      }
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
  images_.clear();
  power_ = true;
}

}  // namespace jit::testing
