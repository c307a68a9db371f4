#pragma once

#include "config/config.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::test {

/// One start of the program, as its user writes it.
struct Start {
  std::vector<std::string> flags;
  std::map<std::string, std::string> environment;
  std::optional<std::string> file;  ///< the text of my.toml, which --config names then
};

/// A folder of its own, which is the current one while it lives.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  static void write(const std::filesystem::path& name, const std::string& text);

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  std::filesystem::path path_;
};

/// With the modules order, notification (failRate, failMode, retryBackoffMs) and fraud. Needs a Folder.
ParsedConfig parse(const Start& start);

/// The configuration, or the test fails.
Config accepted(const Start& start);

/// What is printed in place of running, or the test fails.
std::string printed(const Start& start);

/// The one line of the refusal, or the test fails.
std::string refused(const Start& start);

}  // namespace foodorder::test
