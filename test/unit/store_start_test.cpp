// Starts that cannot have their file, where that takes a file system of another make.

#include "store_world.hpp"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

using namespace foodorder;
using foodorder::test::Folder;

namespace {

sqlite3_vfs* system_vfs = nullptr;
sqlite3_io_methods without_shared_memory;

/// Files as a network file system gives them: no shared memory, which write-ahead logging needs.
int open_plainly(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* given) {
  const int code = system_vfs->xOpen(system_vfs, name, file, flags, given);
  if (code != SQLITE_OK || !file->pMethods) return code;
  without_shared_memory = *file->pMethods;
  without_shared_memory.iVersion = 1;
  file->pMethods = &without_shared_memory;
  return code;
}

/// The default while it lives.
class PlainFileSystem {
 public:
  PlainFileSystem() {
    system_vfs = sqlite3_vfs_find(nullptr);
    vfs_ = *system_vfs;
    vfs_.zName = "plain";
    vfs_.xOpen = &open_plainly;
    REQUIRE(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK);
  }
  ~PlainFileSystem() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(system_vfs, 1);
  }
  PlainFileSystem(const PlainFileSystem&) = delete;
  PlainFileSystem& operator=(const PlainFileSystem&) = delete;

 private:
  sqlite3_vfs vfs_{};
};

}  // namespace

TEST_CASE("a file system that refuses write-ahead logging is named in one line") {
  const Folder folder;
  const PlainFileSystem plain;
  CHECK(test::refusal(folder.path("orders.db"))
            .find("is on a file system that refuses write-ahead logging (it offers "
                  "delete); use a local disk") != std::string::npos);
}

TEST_CASE("a file that another program has locked is named in one line") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  CHECK(test::refusal(file).empty());
  SQLite::Database other(file, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  CHECK(test::refusal(file).find("is in use by another program") != std::string::npos);
  other.exec("COMMIT");
  CHECK(test::refusal(file).empty());
}
