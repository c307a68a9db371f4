#pragma once

#include "entry.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace foodorder::verify {

/// The orders as a fold of `orders`, and what must agree with it: `order-status`, GET /api/orders, and the answers
/// that clients got to their writes.
class OrdersFold {
 public:
  OrdersFold(const Terms& terms, Report& report) : terms_(terms), report_(report) {}

  void record(const Entry& entry);
  void acknowledged(const Acknowledged& write);
  void read(const Acknowledged& write, const std::optional<RecordPlace>& shown);
  void refused(std::string item);
  void finish(bool settled);
  void check_orders(std::string_view json_array);

 private:
  struct Live {
    Order order;
    Timestamp updated_at{};
    Timestamp created_at{};  ///< what the list is sorted by
  };
  /// A record of `orders`, and what says whether it is later than another: its log time, or that of one of the same
  /// order in front of it in its partition, whichever is later; then partition and offset.
  struct Written {
    [[nodiscard]] bool before(const Written& other) const noexcept;

    OrderEvent event;
    Timestamp time{};
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    Timestamp created_at{};
    bool retry = false;
    std::string placed_by_key;  ///< the event of a creation that carries an Idempotency-Key's body hash
  };

  void fold(std::vector<const Written*> writes);
  [[nodiscard]] const Written* find(const Acknowledged& write) const;

  const Terms& terms_;
  Report& report_;
  std::map<std::string, Live> live_;
  std::map<std::string, std::string> status_;
  std::map<std::pair<std::int32_t, std::int64_t>, Written> written_;  ///< by partition and offset of `orders`
  std::map<std::pair<std::string, std::int32_t>, Timestamp> latest_;  ///< log times, by order and partition
  std::set<std::string, std::less<>> refused_;
  std::set<std::string, std::less<>> items_;
};

}  // namespace foodorder::verify
