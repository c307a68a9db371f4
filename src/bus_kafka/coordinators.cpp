#include "coordinators.hpp"

#include <chrono>
#include <thread>

namespace foodorder::kafka {

Coordinators::~Coordinators() { client_->retire(std::move(instance_)); }

void Coordinators::pause() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }

Instance Coordinators::instance() {
  const std::scoped_lock lock(mutex_);
  if (!instance_) instance_ = client_->make_member(client_->settings().asker());
  return instance_;
}

void Coordinators::forget(const Instance& asked) {
  const std::scoped_lock lock(mutex_);
  if (instance_ == asked) instance_.reset();
}

}  // namespace foodorder::kafka
