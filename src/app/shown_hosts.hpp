#pragma once

#include <string>
#include <vector>

namespace foodorder::app {

/// What a browser may ask for, as in a URL: `host`, or for all addresses localhost and each address of this machine.
std::vector<std::string> shown_hosts(const std::string& host);

}  // namespace foodorder::app
