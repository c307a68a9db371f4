#pragma once

#include "database_sqlite/sqlite_store.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <string>
#include <vector>

namespace foodorder::test {

/// A store in memory, or on a file, that works on the loop of a virtual clock.
class StoreWorld {
 public:
  explicit StoreWorld(std::string file = ":memory:", std::string fraud_query = "indexed", std::int64_t pages_max = 0);
  ~StoreWorld();

  database::NewOrder new_order(const std::string& customer, const std::string& id = {});
  /// Judged by a limit of so many orders a customer.
  static database::Verdict judge(const OrderEvent& event, const database::RecentOrders& recent, std::int64_t limit);

  /// One order, alone; REQUIREs an answer of the store.
  database::Placing place(const std::string& customer);
  Result<database::Placing> try_place(database::NewOrder order);
  /// All of them in one commit.
  std::vector<Result<database::Placing>> place_together(std::vector<database::NewOrder> orders);
  database::Lease lease(const std::string& worker, std::size_t jobs_max = 50);
  std::vector<bool> finish(const database::Job& job, const std::string& worker, database::JobResult::Next next);
  database::JobCounts job_counts();
  std::vector<ConsumerRecord> records();

  template <class T>
  T get(Task<Result<T>> task) {
    auto result = loop.run(std::move(task));
    REQUIRE(result.has_value());
    REQUIRE(result->has_value());
    return std::move(**result);
  }

  VirtualLoop loop;
  std::int64_t limit = 5;
  Duration window = std::chrono::minutes(1);
  Duration lease_time = std::chrono::seconds(10);
  std::unique_ptr<database::Store> store;
  database::OrderDatabase& orders() { return store->orders(); }

 private:
  int next_id_ = 0;
};

/// What a start says of a file that it cannot have; empty if it can.
std::string refusal(const std::string& file, const std::string& architecture = "monolith");

/// A folder that is removed with all that is in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace foodorder::test
