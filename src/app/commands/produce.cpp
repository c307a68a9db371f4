#include "command.hpp"
#include "foodorder/base/number.hpp"
#include "message.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace foodorder::app {

namespace {

// One request has so much. A line that is longer goes alone, and the server says what is too long.
constexpr std::size_t batch_max_bytes = 60 * 1024;
constexpr int look_ms = 100;  // between looks whether a signal has come

struct WrongLine : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Turns lines into messages, as the flags say.
class Lines {
 public:
  explicit Lines(const CommandCall& call)
      : key_(call.value("--key")),
        partition_(call.integer("--partition")),
        tombstones_(call.has("--tombstone")),
        json_(call.value("--input") == "json") {
    if (const auto separator = call.value("--key-separator")) separator_ = unescaped(*separator);
    if (key_ && separator_) throw std::runtime_error("-k and -K do not go together: -K takes each key from its line");
    if (json_ && (key_ || separator_ || tombstones_ || call.has("--header")))
      throw std::runtime_error(
          "--input=json takes key, headers and tombstones from its lines: without -k, -K, -H and -Z");
    for (const std::string& header : call.values("--header")) {
      const std::size_t equals = header.find('=');
      if (equals == std::string::npos || equals == 0)
        throw std::runtime_error(fmt::format("-H must be NAME=VALUE, not \"{}\"", printable(header)));
      headers_.push_back(
          json::object{{"name", header.substr(0, equals)}, {"value", bytes_to_json(header.substr(equals + 1))}});
    }
  }

  /// One line of NDJSON. Throws WrongLine.
  [[nodiscard]] std::string message(std::string line, std::int64_t number) const {
    if (json_) return checked(line, number);
    std::optional<std::string> key = key_;
    if (separator_) {
      const std::size_t at = line.find(*separator_);
      if (at == std::string::npos)
        throw WrongLine(fmt::format("line {} of standard input has no \"{}\" between key and value", number,
                                    printable(*separator_)));
      key = line.substr(0, at);
      line.erase(0, at + separator_->size());
    }
    json::object message{{"key", bytes_to_json(key)}, {"headers", headers_}};
    message["value"] = tombstones_ && line.empty() ? json::value(nullptr) : bytes_to_json(std::move(line));
    if (partition_) message["partition"] = *partition_;
    return serialize_json(message);
  }

 private:
  [[nodiscard]] std::string checked(const std::string& line, std::int64_t number) const {
    auto parsed = parse_json(line);
    if (!parsed || !parsed->is_object() || !parsed->get_object().contains("value"))
      throw WrongLine(fmt::format("line {} of standard input is no JSON object with a value", number));
    if (!partition_) return line;
    parsed->get_object()["partition"] = *partition_;
    return serialize_json(*parsed);
  }

  std::optional<std::string> key_;
  std::optional<std::string> separator_;
  json::array headers_;
  std::optional<std::int64_t> partition_;
  bool tombstones_;
  bool json_;
};

/// Sends messages in batches, each as soon as no more of the input is there.
class Sender {
 public:
  explicit Sender(CommandContext& context)
      : client_(context.client),
        target_(fmt::format("/api/bus/topics/{}/messages", percent_encoded(*context.call.value("--topic")))),
        progress_(context.call.has("--quiet")) {}

  void add(const std::string& message) {
    if (!batch_.empty() && batch_.size() + message.size() > batch_max_bytes) send();
    batch_ += message + '\n';
    ++waiting_;
  }

  void send() {
    if (batch_.empty()) return;
    Client::Answer answer = client_.ask(http::Method::post, target_, std::exchange(batch_, {}), "application/x-ndjson");
    if (answer.status / 100 != 2) renumber(answer.body);
    body_of(answer, "POST " + target_);
    sent_ += std::exchange(waiting_, 0);
    progress_.show(fmt::format("{} sent", counted(sent_, "record")));
  }

  void end() { progress_.note(fmt::format("{} sent", counted(sent_, "record"))); }

 private:
  /// The API counts the lines of a body, people those of standard input.
  void renumber(std::string& problem) const {
    auto parsed = parse_json(problem);
    json::value* errors = parsed && parsed->is_object() ? parsed->get_object().if_contains("errors") : nullptr;
    if (!errors || !errors->is_array()) return;
    for (json::value& error : errors->get_array()) {
      constexpr std::string_view word = "line ";
      const std::string field(text_at(error.as_object(), "field"));
      const std::string digits = field.substr(std::min(word.size(), field.size()));
      const auto line = parse_number<std::int64_t>(digits.substr(0, digits.find_first_not_of("0123456789")));
      if (!field.starts_with(word) || !line) continue;
      const std::string rest = digits.substr(std::min(digits.find_first_not_of("0123456789"), digits.size()));
      error.as_object()["field"] = fmt::format("line {}{}", sent_ + *line, rest);
    }
    problem = serialize_json(*parsed);
  }

  Client& client_;
  std::string target_;
  Progress progress_;
  std::string batch_;
  std::int64_t waiting_ = 0;
  std::int64_t sent_ = 0;
};

/// More of standard input; empty at its end. Throws Interrupted.
std::string read_input(BlockingLoop& loop) {
  std::array<char, 48 * 1024> part;
  for (;;) {
    if (loop.interrupted()) throw Interrupted();
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, look_ms) <= 0) continue;
    const ssize_t size = ::read(STDIN_FILENO, part.data(), part.size());
    if (size >= 0) return {part.data(), static_cast<std::size_t>(size)};
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "standard input");
  }
}

/// What was read before a line that is wrong is sent all the same.
void add(Sender& sender, const Lines& lines, std::string line, std::int64_t number) {
  try {
    sender.add(lines.message(std::move(line), number));
  } catch (const WrongLine&) {
    sender.send();
    throw;
  }
}

}  // namespace

int produce(CommandContext& context) {
  const Lines lines(context.call);
  Sender sender(context);
  context.loop.catch_signals();
  std::string buffer;
  std::int64_t number = 0;
  try {
    for (bool more = true; more;) {
      const std::string part = read_input(context.loop);
      more = !part.empty();
      buffer += part;
      if (!more && !buffer.empty()) buffer += '\n';  // a last line without its end
      std::size_t begin = 0;
      for (std::size_t end = 0; (end = buffer.find('\n', begin)) != std::string::npos; begin = end + 1)
        add(sender, lines, buffer.substr(begin, end - begin), ++number);
      buffer.erase(0, begin);
      sender.send();
    }
  } catch (const Interrupted&) {
    sender.end();
    return EXIT_SUCCESS;
  }
  sender.end();
  return EXIT_SUCCESS;
}

}  // namespace foodorder::app
