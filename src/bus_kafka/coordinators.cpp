#include "coordinators.hpp"

#include <chrono>
#include <thread>

namespace foodorder::kafka {

Coordinators::~Coordinators() { client_->destroy_off_loop(std::move(handle_)); }

void Coordinators::pause() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }

Handle Coordinators::instance() {
  const std::scoped_lock lock(mutex_);
  if (!handle_) handle_ = make_member_handle(client_->settings().admin_consumer());
  return handle_;
}

void Coordinators::forget(const Handle& asked) {
  const std::scoped_lock lock(mutex_);
  if (handle_ == asked) handle_.reset();
}

}  // namespace foodorder::kafka
