#include "foodorder/http/conditions.hpp"

#include "foodorder/http/problems.hpp"
#include "text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <vector>

namespace foodorder::http {

namespace {

constexpr std::array<std::string_view, 3> single_valued = {"Content-Type", "Idempotency-Key", "Last-Event-ID"};
constexpr std::array<std::string_view, 2> conditions = {"If-Match", "If-None-Match"};

struct EntityTag {
  bool weak = false;
  std::string_view opaque;  ///< with its quotes
};

/// `*`, or a list of entity tags.
struct TagList {
  bool any = false;
  std::vector<EntityTag> tags;
};

constexpr bool is_tag_character(char c) noexcept {
  const auto octet = static_cast<unsigned char>(c);
  return octet == 0x21 || (octet >= 0x23 && octet != 0x7f);
}

void skip_blanks(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// The entity tag at the front of `text`; a comma inside the quotes belongs to it.
std::optional<EntityTag> take_tag(std::string_view& text) noexcept {
  EntityTag tag;
  tag.weak = text.starts_with("W/");
  if (tag.weak) text.remove_prefix(2);
  if (!text.starts_with('"')) return {};
  std::size_t end = 1;
  while (end < text.size() && is_tag_character(text[end])) ++end;
  if (end == text.size() || text[end] != '"') return {};
  tag.opaque = text.substr(0, end + 1);
  text.remove_prefix(end + 1);
  return tag;
}

/// Nothing if `text` is malformed. Empty list elements are allowed (RFC 9110 section 5.6.1.2).
std::optional<TagList> parse_tags(std::string_view text) {
  TagList list;
  skip_blanks(text);
  if (text.starts_with('*')) {
    text.remove_prefix(1);
    skip_blanks(text);
    list.any = true;
    return text.empty() ? std::optional(std::move(list)) : std::nullopt;
  }
  while (!text.empty()) {
    if (text.front() != ',') {
      const auto tag = take_tag(text);
      if (!tag) return {};
      list.tags.push_back(*tag);
      skip_blanks(text);
      if (!text.empty() && text.front() != ',') return {};
    }
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    skip_blanks(text);
  }
  return list;
}

bool has_tag(const std::string& field, std::string_view tag, bool weak_too) {
  const auto list = parse_tags(field);
  if (!list) return false;
  return list->any || std::any_of(list->tags.begin(), list->tags.end(), [&](const EntityTag& listed) {
           return (weak_too || !listed.weak) && listed.opaque == tag;
         });
}

bool has_conflicting_values(const Request& request, std::string_view name) noexcept {
  const auto first = request.header(name);
  return std::any_of(request.fields.begin(), request.fields.end(), [&](const auto& field) {
    return equal_ignoring_case(field.first, name) && field.second != *first;
  });
}

}  // namespace

std::optional<std::string> list_header(const Request& request, std::string_view name) {
  std::optional<std::string> joined;
  for (const auto& [field, value] : request.fields) {
    if (!equal_ignoring_case(field, name)) continue;
    if (joined)
      joined->append(", ").append(value);
    else
      joined.emplace(value);
  }
  return joined;
}

std::optional<Response> refuse_headers(const Request& request) {
  for (const std::string_view name : single_valued)
    if (has_conflicting_values(request, name)) return invalid_header(name, "must have one value; there are several");
  for (const std::string_view name : conditions) {
    const auto field = list_header(request, name);
    if (field && !parse_tags(*field))
      return invalid_header(name, R"(must be * or a list of entity tags, each in quotes: "a", W/"b")");
  }
  const auto coding = list_header(request, "Content-Encoding");
  if (!request.body.empty() && coding && !equal_ignoring_case(*coding, "identity")) {
    Response response =
        unsupported_media_type("unsupported-content-encoding", "a body must come without a Content-Encoding");
    response.headers.emplace_back("Accept-Encoding", "identity");
    return response;
  }
  return {};
}

Conditions::Conditions(const Request& request)
    : match(list_header(request, "If-Match")), none_match(list_header(request, "If-None-Match")) {}

Precondition Conditions::judge(std::string_view tag) const {
  if (match && !has_tag(*match, tag, false)) return Precondition::if_match_failed;
  if (none_match && has_tag(*none_match, tag, true)) return Precondition::if_none_match_failed;
  return Precondition::holds;
}

void apply_conditions(const Request& request, Response& response) {
  if (request.method != Method::get && request.method != Method::head) return;
  if (response.status != 200 || response.stream) return;
  std::string tag;
  for (const auto& [name, value] : response.headers)
    if (equal_ignoring_case(name, "ETag")) tag = value;
  switch (Conditions(request).judge(tag)) {
    case Precondition::holds:
      return;
    case Precondition::if_match_failed:
      response =
          precondition_failed(tag.empty() ? "If-Match names an entity tag, and this resource has none"
                                          : fmt::format("If-Match does not name the current ETag, which is {}", tag));
      return;
    case Precondition::if_none_match_failed:
      response.status = 304;
      response.content_type.clear();
      response.body.clear();
      return;
  }
}

Response precondition_failed(std::string_view detail) { return problem(412, "precondition-failed", detail); }

}  // namespace foodorder::http
