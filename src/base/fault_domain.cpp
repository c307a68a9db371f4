#include "base/fault_domain.hpp"

#include "foodorder/base/park.hpp"

namespace foodorder {

// Never blocking: an io_context's executor runs what it gets at once when it is called from the loop, and a
// completed waiter would resume from inside complete().
FaultDomain::FaultDomain(Executor inner, std::string name)
    : state_(std::make_shared<State>(*this, asio::require(inner, asio::execution::blocking.never), std::move(name))) {}

FaultDomain::~FaultDomain() {
  crash();
  shutdown();
  destroy();
}

FaultDomain::executor_type FaultDomain::get_executor() noexcept { return executor_type(state_); }

const std::string& FaultDomain::name() const noexcept { return state_->name; }

void FaultDomain::crash() {
  state_->crashed = true;
  asio::use_service<detail::ParkingLot>(*this).drop_all();
}

bool FaultDomain::crashed() const noexcept { return state_->crashed; }

FaultDomain& FaultDomain::executor_type::query(asio::execution::context_t) const noexcept { return *state_->domain; }

}  // namespace foodorder
