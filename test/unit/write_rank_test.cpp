#include "foodorder/domain/write_rank.hpp"
#include "support/catch.hpp"

#include <random>

using namespace foodorder;

namespace {

constexpr Timestamp epoch{std::chrono::seconds(1'770'000'000)};

/// The ranks of an order's records, their log times near each other, equal, going back, or far in the future.
std::vector<WriteRank> some_ranks(std::mt19937& random) {
  std::vector<WriteRank> ranks;
  WriteRanks given;
  std::array<std::int64_t, 3> next{};
  for (int count = 0; count < 12; ++count) {
    const auto partition = static_cast<std::int32_t>(random() % 3);
    const auto hours = std::chrono::hours(random() % 20 == 0 ? 24 * 365 : 0);
    const Timestamp logged = epoch + std::chrono::milliseconds(random() % 6) + hours;
    ranks.push_back(given.next(partition, next[static_cast<std::size_t>(partition)]++, logged));
  }
  return ranks;
}

}  // namespace

TEST_CASE("Of two writes to one order one is later, and no chain of writes is a circle") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::vector<WriteRank> ranks = some_ranks(random);
    for (const WriteRank& a : ranks)
      for (const WriteRank& b : ranks) {
        CHECK(is_later(a, b) + is_later(b, a) + a.same_place(b) == 1);
        if (a.partition == b.partition) CHECK(is_later(a, b) == (a.offset > b.offset));
        for (const WriteRank& c : ranks)
          if (is_later(a, b) && is_later(b, c)) CHECK(is_later(a, c));
      }
  }
}

TEST_CASE("A write behind the latest one in its partition is the latest, whatever the clocks say") {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    WriteRanks ranks;
    WriteRank latest = ranks.next(0, 0, epoch);
    for (std::int64_t offset = 1; offset < 12; ++offset) {
      const auto partition = static_cast<std::int32_t>(random() % 3);
      const WriteRank other = ranks.next(partition, offset, epoch + std::chrono::hours(random() % 1000));
      if (is_later(other, latest)) latest = other;
    }
    const WriteRank ours = ranks.next(latest.partition, 12, epoch - std::chrono::hours(1));
    CHECK(is_later(ours, latest));
  }
}
