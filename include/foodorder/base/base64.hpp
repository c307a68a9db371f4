#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace foodorder {

/// RFC 4648 section 4, padded: how bytes travel in JSON.
std::string to_base64(std::string_view bytes);

/// The bytes of that; nothing of any other text.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace foodorder
