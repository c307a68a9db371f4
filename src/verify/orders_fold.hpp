#pragma once

#include "entry.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>

namespace foodorder::verify {

/// The orders as a fold of `orders`, and what must agree with it: `order-status`, GET /api/orders, and what clients
/// were told of their writes.
class OrdersFold {
 public:
  explicit OrdersFold(Report& report) : report_(report) {}

  void record(const Entry& entry);
  void acknowledged(const Acknowledged& write);
  void read(const Acknowledged& write, std::optional<std::int64_t> offset);
  void refused(std::string item);
  void finish(bool settled);
  void check_orders(std::string_view json_array);

 private:
  struct Live {
    Order order;
    Timestamp updated_at{};
    Timestamp born{};
  };
  struct Written {
    std::string order_id;
    std::string action;
  };

  void fold(const Entry& entry);

  Report& report_;
  std::map<std::string, Live> live_;
  std::set<std::string> placed_by_key_;  ///< ids of the creations that carry an Idempotency-Key's body hash
  std::map<std::string, std::string> status_;
  std::map<std::pair<std::int32_t, std::int64_t>, Written> written_;  ///< by partition and offset of `orders`
  std::set<std::string, std::less<>> refused_;
  std::set<std::string, std::less<>> items_;
};

}  // namespace foodorder::verify
