#pragma once

#include "client.hpp"

namespace foodorder::kafka {

/// All producers of a bus send by its one instance.
std::unique_ptr<Producer> make_producer(std::shared_ptr<Client> client, ProducerSpec spec);

}  // namespace foodorder::kafka
