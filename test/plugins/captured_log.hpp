#pragma once

#include "foodorder/base/log.hpp"
#include "support/catch.hpp"

#include <unistd.h>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::test {

using Lines = std::vector<std::string>;

/// What is written to standard error while it lives, with the log at level info.
class CapturedLog {
 public:
  CapturedLog() : file_(std::tmpfile()), stderr_(::dup(STDERR_FILENO)) {
    std::fflush(stderr);
    REQUIRE((file_ && ::dup2(::fileno(file_), STDERR_FILENO) >= 0));
    log::set_level(log::Level::info);
  }
  ~CapturedLog() {
    log::set_level(log::Level::warn);
    std::fflush(stderr);
    ::dup2(stderr_, STDERR_FILENO);
    ::close(stderr_);
    std::fclose(file_);
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  /// The messages of the lines that begin with `first`, after their time and level.
  [[nodiscard]] Lines lines(std::string_view first = "") const {
    std::fflush(stderr);
    REQUIRE(std::fseek(file_, 0, SEEK_SET) == 0);
    Lines all;
    std::string line;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      if (c != '\n') {
        line += static_cast<char>(c);
        continue;
      }
      constexpr std::string_view before = " info ";
      const std::size_t at = line.find(before);
      std::string message = at == std::string::npos ? line : line.substr(at + before.size());
      if (message.starts_with(first)) all.push_back(std::move(message));
      line.clear();
    }
    return all;
  }

 private:
  std::FILE* file_;
  int stderr_;
};

}  // namespace foodorder::test
