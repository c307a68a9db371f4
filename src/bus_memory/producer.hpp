#pragma once

#include "broker.hpp"

#include <memory>

namespace foodorder {

std::unique_ptr<Producer> make_memory_producer(std::shared_ptr<MemoryBroker> broker, ProducerSpec spec);

}  // namespace foodorder
