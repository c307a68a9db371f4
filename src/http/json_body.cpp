#include "http/json_body.hpp"

#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::http {

namespace {

Response malformed(std::string_view why) {
  return problem(400, fmt::format("the body must be a JSON object: {}", why));
}

}  // namespace

std::optional<Response> read_object(const Request& request, json::object& object) {
  if (!is_json_content_type(request.header("Content-Type").value_or("")))
    return unsupported_media_type("", "send the body as Content-Type: application/json");
  auto parsed = parse_json(request.body);
  if (!parsed) return malformed(parsed.error().message);
  if (!parsed->is_object()) return malformed("it is another value");
  object = std::move(parsed->get_object());
  return {};
}

void check_fields(const json::object& body, std::initializer_list<std::string_view> known,
                  std::vector<ProblemField>& problems) {
  for (const auto& field : body)
    if (std::find(known.begin(), known.end(), std::string_view(field.key())) == known.end())
      problems.emplace_back(shortened(field.key()),
                            fmt::format("there is no field {}; {}", shortened(field.key()),
                                        known.size() == 0 ? std::string("none is allowed")
                                                          : fmt::format("allowed are {}", fmt::join(known, ", "))));
}

Response unprocessable(const std::vector<ProblemField>& problems) {
  std::vector<std::string_view> messages;
  for (const ProblemField& problem : problems) messages.push_back(problem.message);
  return unprocessable("", fmt::format("{}", fmt::join(messages, "; ")), problems);
}

}  // namespace foodorder::http
