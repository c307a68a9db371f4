#include "foodorder/base/park.hpp"

namespace foodorder::detail {

asio::execution_context::id ParkingLot::id;

void ParkingLot::add(std::shared_ptr<ParkedBase> parked) noexcept {
  ParkedBase& node = *parked;
  node.next = first_;
  if (first_) first_->previous = &node;
  first_ = &node;
  node.self = std::move(parked);
}

void ParkingLot::remove(ParkedBase& parked) noexcept {
  (parked.previous ? parked.previous->next : first_) = parked.next;
  if (parked.next) parked.next->previous = parked.previous;
  parked.previous = parked.next = nullptr;
  parked.self.reset();
}

void ParkingLot::drop_all() noexcept {
  while (first_) {
    const std::shared_ptr<ParkedBase> doomed = first_->self;
    remove(*doomed);
    doomed->drop();
  }
}

}  // namespace foodorder::detail
