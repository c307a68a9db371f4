#include "foodorder/base/log.hpp"
#include "foodorder/base/retry_log.hpp"
#include "log_line.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <limits>
#include <memory>

using namespace foodorder;

namespace {

std::string text_of(std::string_view message, std::initializer_list<log::Field> fields = {}) {
  return log::format_line(log::Form::text, log::Level::info, message, {fields.begin(), fields.size()});
}

std::string json_of(std::string_view message, std::initializer_list<log::Field> fields = {}) {
  return log::format_line(log::Form::json, log::Level::warn, message, {fields.begin(), fields.size()});
}

class Pipe {
 public:
  Pipe() {
    std::signal(SIGPIPE, SIG_IGN);
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
  }
  ~Pipe() {
    stop_reading();
    stop_writing();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int write_end() const { return ends_[1]; }
  void stop_reading() { close(ends_[0]); }
  void stop_writing() { close(ends_[1]); }

  /// Up to and with the first line that contains `last`; all there is once nobody writes.
  std::string read_to(std::string_view last = "\n\n") const {
    std::string all;
    std::array<char, 4096> some{};
    while (all.find(last) == std::string::npos) {
      const ssize_t size = ::read(ends_[0], some.data(), some.size());
      if (size <= 0) break;
      all.append(some.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

/// The sum of what the log says it has dropped.
std::uint64_t dropped_in(const std::string& log) {
  constexpr std::string_view before = "nobody read them in time\",\"lines\":";
  std::uint64_t sum = 0;
  for (std::size_t at = log.find(before); at != std::string::npos; at = log.find(before, at + 1))
    sum += std::stoull(log.substr(at + before.size(), 20));
  return sum;
}

}  // namespace

TEST_CASE("A line of text has its fields behind the message") {
  CHECK(
      text_of("order notified", {{"instance", "notification-1"}, {"retryCount", 2}, {"again", true}, {"price", 1.5}}) ==
      "info order notified instance=notification-1 retryCount=2 again=true price=1.5");
  CHECK(text_of("x", {{"customer", "Anna \"A\" Berg"}, {"item", ""}, {"word", "a=b"}, {"big", UINT64_MAX}}) ==
        R"(info x customer="Anna \"A\" Berg" item="" word="a=b" big=18446744073709551615)");
}

TEST_CASE("A line of JSON is one object") {
  CHECK(json_of("a \"b\" \\", {{"order", "é"}, {"n", -1}, {"nan", std::numeric_limits<double>::quiet_NaN()}}) ==
        R"("level":"warn","message":"a \"b\" \\","order":"é","n":-1,"nan":null})");
}

TEST_CASE("What users type begins no line and reaches no terminal as an escape") {
  const std::string nasty =
      "a\nb\r\x1b[2J\x7f\xc2\x9b"
      "1m\xe2\x80\xae\xe2\x80\xa8\xff";
  const std::string shown = "a\\nb\\u000d\\u001b[2J\\u007f\\u009b1m\\u202e\\u2028\xef\xbf\xbd";
  CHECK(text_of(nasty) == "info " + shown);
  CHECK(text_of("x", {{"item", nasty}}) == "info x item=\"" + shown + '"');
  CHECK(json_of(nasty) == R"("level":"warn","message":")" + shown + "\"}");
}

TEST_CASE("A text that is too long for a log line is cut") {
  const std::string line = text_of(std::string(100'000, 'x'), {{"item", std::string(100'000, ' ')}});
  CHECK(line.size() < 20'000);
  CHECK(line.find("x\xe2\x80\xa6 item=") != std::string::npos);
}

TEST_CASE("Lines that are queued are written before the log ends") {
  Pipe output;
  Pipe error;
  {
    const log::Background background(output.write_end(), error.write_end(), log::Form::json);
    log::print("dashboard");
    for (int i = 0; i < 100; ++i) log::warn("line", {{"number", i}});
    log::print_error("foodorder: the end");
  }
  output.stop_writing();
  error.stop_writing();
  CHECK(output.read_to() == "dashboard\n");
  const std::string all = error.read_to();
  CHECK(std::count(all.begin(), all.end(), '\n') == 101);
  CHECK(all.find("\",\"level\":\"warn\",\"message\":\"line\",\"number\":99}\nfoodorder: the end\n") !=
        std::string::npos);
  CHECK(all.starts_with("{\"time\":\"20"));
}

TEST_CASE("A reader that goes away costs lines, which are counted") {
  Pipe output;
  Pipe error;
  error.stop_reading();
  {
    const log::Background background(output.write_end(), error.write_end(), log::Form::text);
    for (int i = 0; i < 10; ++i) log::warn("nobody reads this");
  }
  CHECK(log::lines_dropped() == 10);
}

TEST_CASE("A reader that stops costs the oldest lines and is told how many once it reads again") {
  Pipe output;
  Pipe error;
  constexpr int lines = 50'000;
  auto background = std::make_unique<log::Background>(output.write_end(), error.write_end(), log::Form::json);
  for (int i = 0; i < lines; ++i) log::warn("line", {{"number", i}});
  const std::uint64_t dropped = log::lines_dropped();
  CHECK(dropped > 0);
  CHECK(dropped < lines);
  std::string all = error.read_to(fmt::format("\"number\":{}}}", lines - 1));
  background.reset();
  error.stop_writing();
  all += error.read_to();
  CHECK(dropped_in(all) == dropped);
}

TEST_CASE("A loop that tries again says once that it fails and once that it works again") {
  Pipe output;
  Pipe error;
  {
    const log::Background background(output.write_end(), error.write_end(), log::Form::text);
    RetryLog asking("fraud-1");
    for (int i = 0; i < 100; ++i) asking.failed(Error(Errc::not_found, "there is no topic orders"));
    for (int i = 0; i < 100; ++i) asking.worked();
    for (int i = 0; i < 100; ++i) asking.failed(Error(Errc::unavailable, "no broker answers"));  // the bus tells
    asking.worked();
  }
  error.stop_writing();
  const std::string lines = error.read_to();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(lines.find("fraud-1: there is no topic orders; trying again until it works\n") != std::string::npos);
  CHECK(lines.find("fraud-1: works again\n") != std::string::npos);
}

TEST_CASE("A log whose reader has stopped ends all the same") {
  Pipe output;
  static Pipe* const error = new Pipe;  // the thread that writes to it is left behind
  {
    const log::Background background(output.write_end(), error->write_end(), log::Form::text);
    for (int i = 0; i < 50'000; ++i) log::warn("nobody reads this");
    log::print("but this");
  }
  output.stop_writing();
  CHECK(output.read_to() == "but this\n");
}
