#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/http/problems.hpp"
#include "foodorder/runtime/settings.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

// What the routes of the process ask of a request's body, and what they answer where it is not so.

namespace foodorder::app {

using Problems = std::vector<http::ProblemField>;

/// Reads the body as a JSON object. Returns the answer to send if it is not one: 415 or 400.
std::optional<http::Response> read_object(const http::Request& request, json::object& object);

/// Names each field that is not one of `known`.
void check_fields(const json::object& body, std::initializer_list<std::string_view> known, Problems& problems);

/// Names each setting that is unknown or wrong, and what is allowed; `prefix` stands before the names.
void check_settings(const std::vector<SettingSpec>& specs, const json::object& settings, std::string_view prefix,
                    Problems& problems);

/// 422 that names all `problems`.
http::Response unprocessable(const Problems& problems);

}  // namespace foodorder::app
