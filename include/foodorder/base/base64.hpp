#pragma once

#include <string>
#include <string_view>

namespace foodorder {

/// RFC 4648 section 4, padded: how bytes travel in JSON.
std::string to_base64(std::string_view bytes);

}  // namespace foodorder
