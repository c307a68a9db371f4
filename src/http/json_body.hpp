#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/http/problems.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

// What a route asks of a request's JSON body, and what it answers where it is not so.

namespace foodorder::http {

/// Reads the body as a JSON object. Returns the answer to send if it is not one: 415 or 400.
std::optional<Response> read_object(const Request& request, json::object& object);

/// Names each field that is not one of `known`.
void check_fields(const json::object& body, std::initializer_list<std::string_view> known,
                  std::vector<ProblemField>& problems);

/// 422 that names all `problems`.
Response unprocessable(const std::vector<ProblemField>& problems);

}  // namespace foodorder::http
