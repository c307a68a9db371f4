#include "member.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace foodorder::conformance {

/// Lets handlers through to the loop, or keeps them while it is shut.
class Member::Gate {
 public:
  explicit Gate(const Executor& loop) : loop_(asio::require(loop, asio::execution::blocking.never)) {}

  template <class Function>
  void execute(Function&& function) {
    if (!shut_) return loop_.execute(std::forward<Function>(function));
    // Handlers can only be moved; std::function wants to copy.
    auto handler = std::make_shared<std::decay_t<Function>>(std::forward<Function>(function));
    held_.emplace_back([handler] { std::move (*handler)(); });
  }

  void shut() { shut_ = true; }

  void open() {
    shut_ = false;
    for (auto& handler : std::exchange(held_, {})) loop_.execute(std::move(handler));
  }

  [[nodiscard]] Executor& loop() noexcept { return loop_; }

  /// What FaultDomain wants to stand on.
  struct executor_type {
    template <class Function>
    void execute(Function&& function) const {
      gate->execute(std::forward<Function>(function));
    }
    asio::execution_context& query(asio::execution::context_t) const noexcept {
      return asio::query(gate->loop(), asio::execution::context);
    }
    static constexpr asio::execution::blocking_t::never_t query(asio::execution::blocking_t) noexcept {
      return asio::execution::blocking.never;
    }
    [[nodiscard]] executor_type require(asio::execution::blocking_t::never_t) const noexcept { return *this; }
    friend bool operator==(const executor_type&, const executor_type&) noexcept = default;

    std::shared_ptr<Gate> gate;
  };

 private:
  Executor loop_;
  bool shut_ = false;
  std::deque<std::function<void()>> held_;
};

Member::Member(World& world, ConsumerSpec spec, Commits commits)
    : world_(world),
      commits_(commits),
      gate_(std::make_shared<Gate>(world.executor)),
      consumer_(world.bus.subscribe(spec)),
      domain_(std::make_unique<FaultDomain>(Gate::executor_type{gate_}, spec.client_id)) {
  asio::co_spawn(domain_->get_executor(), run(), asio::detached);
}

Member::~Member() { crash(); }

void Member::crash() {
  domain_->crash();
  consumer_.reset();
  owned_.clear();
  gate_->open();  // what was held is dropped by the loop
}

void Member::hold() { gate_->shut(); }

void Member::release() { gate_->open(); }

Task<> Member::close() { co_await consumer_->close(); }

Task<> Member::run() {
  for (;;) {
    auto event = co_await consumer_->next();
    if (!event) {
      ended = event.error().code;
      owned_.clear();
      co_return;
    }
    if (auto* batch = std::get_if<Records>(&*event))
      co_await take(std::move(*batch));
    else if (auto* assigned = std::get_if<Assigned>(&*event))
      write_down(std::move(*assigned));
    else
      write_down(std::get<Revoked>(std::move(*event)));
    while (stalled_) co_await sleep_for(world_.clock, milliseconds(10));
  }
}

Task<> Member::take(Records batch) {
  largest_batch = std::max(largest_batch, batch.records.size());
  records.insert(records.end(), batch.records.begin(), batch.records.end());
  if (commits_ == Commits::never || stalled_) co_return;
  const auto result = co_await consumer_->commit(std::move(batch.next_offsets));
  if (commits_ == Commits::by_batch_unless_fenced && !result && result.error().code == Errc::fenced) co_return;
  world_.report.succeeded(result, "A member commits what it was given before it asks for more");
}

void Member::write_down(Assigned assigned) {
  for (const Position& position : assigned.positions) owned_.insert(position.tp);
  assignments.push_back(std::move(assigned));
}

void Member::write_down(Revoked revoked) {
  for (const TopicPartition& tp : revoked.partitions) owned_.erase(tp);
  revocations.push_back(std::move(revoked));
}

Ownership ownership(const std::vector<const Member*>& members) {
  Ownership all;
  for (const Member* member : members)
    for (const TopicPartition& tp : member->owned())
      if (!all.owned.insert(tp).second) all.shared = tp;
  return all;
}

}  // namespace foodorder::conformance
