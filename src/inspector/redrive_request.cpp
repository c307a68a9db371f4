#include "http/json_body.hpp"
#include "redrive.hpp"

#include <fmt/format.h>

namespace foodorder::inspector {

namespace {

constexpr std::size_t letters_max = RedriveRequest::letters_max;

/// An array of offsets; nothing of anything else.
std::optional<std::vector<std::int64_t>> offsets_of(const json::value& value) {
  const json::array* list = value.if_array();
  if (!list || list->size() > letters_max) return {};
  std::vector<std::int64_t> offsets;
  for (const json::value& entry : *list) {
    const std::int64_t* offset = entry.if_int64();
    if (!offset || *offset < 0) return {};
    offsets.push_back(*offset);
  }
  return offsets;
}

void read_which(RedriveRequest& request, const json::object& body, Problems& errors) {
  const json::value* offsets = body.if_contains("offsets");
  const json::value* reason = body.if_contains("reason");
  const json::value* all = body.if_contains("all");
  if ((offsets ? 1 : 0) + (reason ? 1 : 0) + (all ? 1 : 0) != 1)
    return (void)errors.emplace_back("offsets", "say exactly one of offsets, reason and all");
  if (offsets) {
    const auto list = offsets_of(*offsets);
    if (!list || list->empty())
      return (void)errors.emplace_back("offsets", fmt::format("must be 1 to {} offsets of dead letters", letters_max));
    request.offsets = *list;
  } else if (reason) {
    if (!reason->is_string() || reason->get_string().empty())
      return (void)errors.emplace_back("reason", "must be a reason as GET /api/bus/dlq gives it");
    request.reason = std::string(reason->get_string());
  } else if (!all->is_bool() || !all->get_bool()) {
    errors.emplace_back("all", "must be true");
  }
}

void read_edits(RedriveRequest& request, const json::value& value, Problems& errors) {
  const json::array* list = value.if_array();
  if (!list || list->size() > letters_max)
    return (void)errors.emplace_back("edits", "must be an array of {offset, value}");
  for (const json::value& entry : *list) {
    const json::object* edit = entry.if_object();
    const json::value* offset = edit ? edit->if_contains("offset") : nullptr;
    const json::value* its_value = edit ? edit->if_contains("value") : nullptr;
    const bool fits = offset && offset->is_int64() && offset->get_int64() >= 0 && its_value && edit->size() == 2 &&
                      (its_value->is_string() || its_value->is_null());
    if (!fits) return (void)errors.emplace_back("edits", "each must be {offset, value}; the value is a text, or null");
    auto& edited = request.edits[offset->get_int64()];
    if (its_value->is_string()) edited = std::string(its_value->get_string());
  }
}

}  // namespace

RedriveRequest RedriveRequest::from_json(const json::object& body, Problems& errors) {
  RedriveRequest request;
  http::check_fields(body, {"offsets", "reason", "all", "dryRun", "after", "confirm", "edits"}, errors);
  read_which(request, body, errors);
  if (const json::value* after = body.if_contains("after")) {
    const std::int64_t* offset = after->if_int64();
    if (offset && *offset >= 0 && !body.contains("offsets"))
      request.after = *offset;
    else
      errors.emplace_back("after", "must be an offset, with reason or all");
  }
  if (const json::value* dry_run = body.if_contains("dryRun")) {
    if (!dry_run->is_bool()) errors.emplace_back("dryRun", "must be true or false");
    request.dry_run = dry_run->is_bool() && dry_run->get_bool();
  }
  if (const json::value* confirm = body.if_contains("confirm")) {
    const auto offsets = offsets_of(*confirm);
    if (confirm->is_bool())
      request.confirm_all = confirm->get_bool();
    else if (offsets)
      request.confirmed.insert(offsets->begin(), offsets->end());
    else
      errors.emplace_back("confirm", "must be true for all, or offsets of dead letters");
  }
  if (const json::value* edits = body.if_contains("edits")) read_edits(request, *edits, errors);
  return request;
}

}  // namespace foodorder::inspector
