#include "wall_time.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Timestamp noon = parse_iso("2026-02-05T12:00:00Z").value();
const WallTime::Steady boot{std::chrono::hours(1)};

}  // namespace

TEST_CASE("Time goes by steady time while the wall clock drifts or is set back") {
  WallTime time(noon, boot);
  CHECK(time.now(noon, boot) == noon);
  CHECK(time.now(noon + milliseconds(5900), boot + seconds(5)) == noon + seconds(5));
  CHECK(time.now(noon - std::chrono::hours(1), boot + seconds(6)) == noon + seconds(6));
  CHECK(time.steady_at(noon + seconds(9)) == boot + seconds(9));
}

TEST_CASE("After the machine has slept, time is that of the wall clock, and never goes back from there") {
  WallTime time(noon, boot);
  const Timestamp morning = noon + std::chrono::hours(20);
  CHECK(time.now(morning, boot + seconds(2)) == morning);
  CHECK(time.now(noon, boot + seconds(3)) == morning + seconds(1));
  CHECK(time.steady_at(morning + seconds(5)) == boot + seconds(7));
}
