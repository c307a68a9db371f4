#include "breaker.hpp"

namespace foodorder::calls {

std::string_view to_string(Breaker::State state) noexcept {
  switch (state) {
    case Breaker::State::closed:
      return "closed";
    case Breaker::State::open:
      return "open";
    case Breaker::State::half_open:
      break;
  }
  return "half-open";
}

Breaker::State Breaker::state(Timestamp now) const {
  return state_ == State::open && now >= opened_ + spec_.open_for ? State::half_open : state_;
}

void Breaker::enter(State state, Timestamp now) {
  state_ = state;
  ++round_;
  window_.clear();
  bad_ = 0;
  probes_out_ = 0;
  probes_passed_ = 0;
  if (state != State::open) return;
  opened_ = now;
  ++openings_;
}

std::optional<Breaker::Permit> Breaker::admit(Timestamp now) {
  if (state_ != State::half_open && state(now) == State::half_open) enter(State::half_open, now);
  if (state_ == State::open) return {};
  if (state_ == State::half_open) {
    if (probes_out_ + probes_passed_ >= spec_.probes) return {};
    ++probes_out_;
  }
  return Permit{round_};
}

void Breaker::report(const Permit& permit, bool worked, Duration took, Timestamp now) {
  if (permit.round != round_) return;
  const bool good = worked && took < spec_.slow_after;
  if (state_ == State::half_open)
    report_probe(good, now);
  else
    report_closed(good, now);
}

void Breaker::report_probe(bool good, Timestamp now) {
  --probes_out_;
  if (!good) return enter(State::open, now);
  ++probes_passed_;
  if (probes_passed_ == spec_.probes) enter(State::closed, now);
}

void Breaker::report_closed(bool good, Timestamp now) {
  window_.push_back(!good);
  if (!good) ++bad_;
  if (window_.size() > spec_.window_tries) {
    if (window_.front()) --bad_;
    window_.pop_front();
  }
  if (window_.size() < spec_.tries_min) return;
  if (static_cast<double>(bad_) >= spec_.bad_share * static_cast<double>(window_.size())) enter(State::open, now);
}

void Breaker::abandon(const Permit& permit) {
  if (permit.round == round_ && state_ == State::half_open) --probes_out_;
}

}  // namespace foodorder::calls
