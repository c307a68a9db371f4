#pragma once

#include "client.hpp"

namespace foodorder::kafka {

std::unique_ptr<Admin> make_admin(std::shared_ptr<Client> client);

}  // namespace foodorder::kafka
