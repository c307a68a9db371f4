#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The commands of the command line, as data: parsing, help, manual page and completion all come from here.

namespace foodorder {

/// A flag of one command, beside the options of the program.
struct CommandFlag {
  enum class Value { none, optional, needed };

  [[nodiscard]] bool is_integer() const noexcept { return min <= max; }
  /// The words that it may be, by its placeholder: "table|json".
  [[nodiscard]] std::vector<std::string> choices() const;
  /// "an integer from 1 to 9"
  [[nodiscard]] std::string allowed() const;
  /// As people write it: "-t", or its name where it has no letter.
  [[nodiscard]] std::string shown() const;

  std::string name;         ///< "--topic"
  char letter = 0;          ///< 't', or 0
  std::string placeholder;  ///< "TOPIC"; empty: it takes no value
  std::string help;
  Value value = Value::none;
  bool required = false;
  bool repeatable = false;
  std::int64_t min = 0;  ///< with max: an integer from min to max; any text where min > max
  std::int64_t max = -1;
};

struct Command {
  /// What a command talks to.
  enum class Target {
    program,  ///< a running program, through its HTTP API
    either,   ///< that, or with --bus=kafka the broker itself
  };

  [[nodiscard]] const CommandFlag* flag(std::string_view name) const noexcept;

  std::string name;       ///< "topic list"
  std::string arguments;  ///< "GROUP", "[RATE]", "[OFFSET...]", or empty
  std::string help;       ///< "list the topics"
  std::string about;      ///< more about it, or empty
  Target target = Target::either;
  bool prints_rows = true;  ///< it has --output
  std::vector<CommandFlag> flags;
  std::vector<std::string> examples;
};

/// All of them; `serve`, the default, is none of them.
const std::vector<Command>& commands();

}  // namespace foodorder
