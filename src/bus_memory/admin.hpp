#pragma once

#include "broker.hpp"

#include <memory>

namespace foodorder {

std::unique_ptr<Admin> make_memory_admin(std::shared_ptr<MemoryBroker> broker);

}  // namespace foodorder
