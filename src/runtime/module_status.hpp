#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/record.hpp"

#include <cstddef>
#include <optional>
#include <string>

// Checks records of `module-status` and `module-control`. Other writers on the broker are trusted not to lie, but they
// may write anything else.

namespace foodorder {

/// Larger values are ignored. So a status of ours that would be larger is written without its report.
inline constexpr std::size_t module_status_max_bytes = 64 << 10;

/// The body of a status, without fields that no status has. Nothing for a record that is not one: its value is too
/// large, is no JSON object, or lacks a field or has one of another type; or its key is not its instance.
std::optional<json::object> read_module_status(const Record& record);

/// The fields of a command; nothing for a record that is not one.
struct ModuleCommand {
  std::string id;  ///< may be empty: then nobody waits for an answer
  std::string instance;
  std::string action;
  json::object settings;
};
std::optional<ModuleCommand> read_module_command(const Record& record);

}  // namespace foodorder
