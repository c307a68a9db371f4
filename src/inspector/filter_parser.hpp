#pragma once

#include "filter.hpp"

namespace foodorder::inspector {

/// Reads the text of a Filter. Errors: as Filter::parse.
Result<std::vector<Filter::Condition>> parse_conditions(std::string_view text);

}  // namespace foodorder::inspector
