#include "simulation/sqlite_faults.hpp"
#include "store_world.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <algorithm>
#include <csignal>
#include <filesystem>

// What each of a batch is told when the statement, the row or the commit of it fails, by faults inside SQLite.

using namespace foodorder;
using namespace foodorder::database;
using foodorder::simulation::SqliteFaults;
using foodorder::test::Folder;
using foodorder::test::StoreWorld;

namespace {

/// A store whose SQLite fails on demand.
struct FaultyWorld {
  std::unique_ptr<StoreWorld> world;
  SqliteFaults faults{1, [this] { world = std::make_unique<StoreWorld>(); }};

  FaultyWorld() { world->limit = 1'000; }

  std::vector<NewOrder> orders(int count) {
    std::vector<NewOrder> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(world->new_order("Ada"));
      all.back().body_hash = "hash";
    }
    return all;
  }
  std::int64_t total() { return world->get(world->orders().list(Listing())).total; }
  void heal() {
    faults.set({});
    faults.fill_disk(false);
  }
};

std::int64_t count_of(const std::vector<Result<Placing>>& results, Errc code) {
  return std::count_if(results.begin(), results.end(),
                       [&](const auto& result) { return !result && result.error().code == code; });
}

bool all_placed(const std::vector<Result<Placing>>& results) {
  return std::all_of(results.begin(), results.end(),
                     [](const auto& result) { return result && result->outcome == Placing::Outcome::placed; });
}

/// While it lives no file of this process may grow beyond that size.
class SmallFiles {
 public:
  explicit SmallFiles(std::uintmax_t bytes) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    signal_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit before_{};
  void (*signal_)(int) = SIG_DFL;
};

}  // namespace

TEST_CASE("when a commit fails none of its orders knows, and each gets the true answer under its key") {
  FaultyWorld faulty;
  const std::vector<NewOrder> orders = faulty.orders(5);
  faulty.faults.set({1, 0, 0});
  CHECK(count_of(faulty.world->place_together(orders), Errc::outcome_unknown) == 5);
  CHECK(faulty.world->orders().trouble()->starts_with("the commit failed"));
  faulty.heal();
  CHECK(faulty.total() == 0);
  CHECK(all_placed(faulty.world->place_together(orders)));
  CHECK(faulty.total() == 5);
  CHECK_FALSE(faulty.world->orders().trouble().has_value());
}

TEST_CASE("when the disk is full each order is refused, and surely not written") {
  FaultyWorld faulty;
  const std::vector<NewOrder> orders = faulty.orders(200);
  faulty.faults.fill_disk(true);
  const auto refused = faulty.world->place_together(orders);
  const std::int64_t placed = 200 - count_of(refused, Errc::unavailable);
  CHECK(placed < 200);
  CHECK(faulty.total() == placed);
  CHECK(faulty.world->orders().trouble() == "the disk is full");
  faulty.heal();
  const auto again = faulty.world->place_together(orders);
  CHECK(std::all_of(again.begin(), again.end(), [](const auto& result) { return result.has_value(); }));
  CHECK(faulty.total() == 200);
}

TEST_CASE("when SQLite ends a transaction by itself all that was in it is refused") {
  FaultyWorld faulty;
  faulty.faults.set({0, 1, 0});
  const auto refused = faulty.world->place_together(faulty.orders(5));
  faulty.heal();
  CHECK(count_of(refused, Errc::unavailable) == 5);
  CHECK(faulty.total() == 0);
}

TEST_CASE("an order whose row is refused takes none of its neighbours along") {
  FaultyWorld faulty;
  faulty.faults.set({0, 0, 0.3});
  const std::vector<NewOrder> orders = faulty.orders(50);
  const auto results = faulty.world->place_together(orders);
  faulty.heal();
  const std::int64_t refused = count_of(results, Errc::invalid_argument);
  CHECK(refused > 5);
  CHECK(refused < 45);
  CHECK(faulty.total() == 50 - refused);
  for (std::size_t i = 0; i < orders.size(); ++i)
    CHECK(faulty.world->get(faulty.world->orders().find(orders[i].write.event.order.id)).has_value() ==
          results[i].has_value());
  CHECK(faulty.world->job_counts().ready == 50 - refused);
}

TEST_CASE("when a file cannot be written at the commit nobody knows, and the next start tells the truth") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  std::vector<NewOrder> orders;
  {
    StoreWorld world(file);
    world.limit = 1'000;
    for (int i = 0; i < 3; ++i) orders.push_back(world.new_order("Ada"));
    for (NewOrder& order : orders) order.body_hash = "hash";
    std::vector<Result<Placing>> results;
    {
      const SmallFiles small(std::filesystem::file_size(file + "-wal"));
      results = world.place_together(orders);
    }
    CHECK(count_of(results, Errc::outcome_unknown) + count_of(results, Errc::unavailable) == 3);
    CHECK(world.get(world.orders().list(Listing())).total == 0);
  }
  StoreWorld again(file);
  again.limit = 1'000;
  CHECK(again.get(again.orders().list(Listing())).total == 0);
  CHECK(all_placed(again.place_together(orders)));
}
