#include "call_judge.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::simulation {

void CallJudge::enter(Period period) {
  now_in_ = period;
  ++period_;
  bad_.clear();
  probes_ = passed_ = 0;
}

std::uint64_t CallJudge::begin(Timestamp now) {
  if (now_in_ == Period::open && now >= opened_ + spec_.open_for) enter(Period::probing);
  if (now_in_ == Period::open)
    complain_("breaker", fmt::format("{}: a try is sent {} ms after its breaker has opened", name_,
                                     (now - opened_) / std::chrono::milliseconds(1)));
  if (now_in_ == Period::probing && ++probes_ > spec_.probes)
    complain_("breaker", fmt::format("{}: its breaker lets probe {} of {} through", name_, probes_, spec_.probes));
  tries_.emplace(++last_, Try{period_, now});
  return last_;
}

void CallJudge::end(std::uint64_t number, bool good, Timestamp now) {
  const Try ended = tries_.extract(number).mapped();
  if (ended.period != period_) return;
  good = good && now - ended.sent < spec_.slow_after;
  if (now_in_ == Period::probing) {
    passed_ += good ? 1 : 0;
    if (good && passed_ == spec_.probes) enter(Period::closed);
  } else {
    bad_.push_back(!good);
    if (bad_.size() > spec_.window_tries) bad_.pop_front();
    const auto count = static_cast<double>(std::count(bad_.begin(), bad_.end(), true));
    good = bad_.size() < spec_.tries_min || count < spec_.bad_share * static_cast<double>(bad_.size());
  }
  if (good) return;
  enter(Period::open);
  opened_ = now;
}

void CallJudge::abandon(std::uint64_t number) {
  const auto found = tries_.find(number);
  if (found == tries_.end()) return;
  if (found->second.period == period_ && now_in_ == Period::probing) --probes_;
  tries_.erase(found);
}

}  // namespace foodorder::simulation
