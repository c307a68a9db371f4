#pragma once

#include <string_view>

namespace foodorder::inspector {

/// What a setting of a topic does, in one sentence; empty for one that is not known here.
std::string_view explain_setting(std::string_view name);

}  // namespace foodorder::inspector
