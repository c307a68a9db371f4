#include "command.hpp"
#include "foodorder/base/number.hpp"
#include "inspector/read_message.hpp"
#include "message.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace foodorder::app {

namespace {

// From here on a number that the API takes for a place is a time, in milliseconds.
constexpr std::int64_t first_time_ms = 1'000'000'000'000;

/// `partition:offset,...`: the last `count` of each partition.
std::string last_of_each(CommandContext& context, const std::string& topic, std::int64_t count) {
  const json::value described = context.client.get("/api/bus/topics/" + percent_encoded(topic));
  const auto wanted = context.call.integer("--partition");
  std::string start;
  for (const json::value& partition : described.at("partitions").as_array()) {
    const auto number = partition.at("partition").to_number<std::int64_t>();
    if (wanted && *wanted != number) continue;
    const auto begin = partition.at("startOffset").to_number<std::int64_t>();
    const auto end = partition.at("endOffset").to_number<std::int64_t>();
    start += fmt::format("{}{}:{}", start.empty() ? "" : ",", number, std::max(begin, end - count));
  }
  return start;
}

/// The part of the query that says where to begin.
std::string start_of(CommandContext& context, const std::string& topic) {
  const std::string where = context.call.value("--offset").value_or("beginning");
  if (where == "beginning") return "&from=oldest";
  if (where == "end") return "&from=newest";
  if (where.starts_with("s@")) return "&from=" + percent_encoded(where.substr(2));
  const auto offset = parse_number<std::int64_t>(where);
  if (offset && *offset >= first_time_ms)
    throw std::runtime_error("-o must be an offset below 10^12; a time is s@" + where);
  if (offset && *offset >= 0) return fmt::format("&from={}", *offset);
  if (offset) return "&start=" + last_of_each(context, topic, -*offset);
  throw std::runtime_error(
      fmt::format("-o must be beginning, end, an offset, -N or s@TIME, not \"{}\"", printable(where)));
}

std::string target_of(CommandContext& context) {
  const CommandCall& call = context.call;
  const std::string topic = *call.value("--topic");
  std::string target = fmt::format("/api/bus/topics/{}/messages?{}=1&allHeaders=1", percent_encoded(topic),
                                   call.has("--exit") ? "stream" : "live");
  target += start_of(context, topic);
  if (const auto partition = call.integer("--partition")) target += fmt::format("&partition={}", *partition);
  if (const auto count = call.integer("--count")) target += fmt::format("&count={}", *count);
  for (const std::string_view name : {"filter", "key", "header", "text", "tombstones", "isolation"})
    if (const auto value = call.value(fmt::format("--{}", name)))
      target += fmt::format("&{}={}", name, percent_encoded(*value));
  return target;
}

std::optional<MessageFormat> format_of(const CommandCall& call) {
  if (const auto format = call.value("--format")) return MessageFormat(*format);
  if (call.has("--key-separator")) {
    const std::string separator = call.value("--key-separator").value_or("");
    return MessageFormat::with_key(separator.empty() ? "\t" : separator);
  }
  return {};
}

/// Takes the answer's lines, and prints those that are records.
class Printer {
 public:
  explicit Printer(CommandContext& context)
      : output_(context.output), format_(format_of(context.call)), progress_(context.call.has("--quiet")) {}

  bool take(std::string_view part) {
    buffer_ += part;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffer_.find('\n', begin)) != std::string::npos; begin = end + 1)
      line(std::string_view(buffer_).substr(begin, end - begin));
    buffer_.erase(0, begin);
    if (printed_ != flushed_) Output::flush();
    flushed_ = printed_;
    return !ended_;
  }

  [[nodiscard]] std::int64_t printed() const { return printed_; }
  void end() { progress_.note(fmt::format("{} of {} read", counted(printed_, "record"), std::max(read_, printed_))); }

 private:
  /// A record's line begins with its topic; what the stream says of itself has a name of its own in that place.
  void line(std::string_view line) {
    if (line.substr(1).starts_with("\"topic\"")) return record(line);
    const json::value parsed = parse_json(line).value();
    const json::object& told = parsed.as_object();
    if (const json::value* problem = told.if_contains("problem"))
      throw NothingFound(std::string(text_at(problem->as_object(), "detail")));
    if (const json::value* note = told.if_contains("note"))
      progress_.note(fmt::format("partition {}: {}", note->at("partition").to_number<std::int64_t>(),
                                 printable(note->at("text").as_string())));
    for (const char* name : {"progress", "end"})
      if (const json::value* progress = told.if_contains(name)) show(progress->as_object());
    ended_ = told.contains("end");
  }

  void show(const json::object& progress) {
    read_ = progress.at("read").to_number<std::int64_t>();
    const auto done = progress.at("done").to_number<std::int64_t>();
    const auto total = progress.at("total").to_number<std::int64_t>();
    if (done < total) progress_.show(fmt::format("{} shown, {} read", printed_, read_), done, total);
  }

  void record(std::string_view line) {
    progress_.clear();
    ++printed_;
    if (!format_ && output_.json()) return output_.write(std::string(line) + '\n');
    const ConsumerRecord record = inspector::record_from(parse_json(line).value());
    const bool is_terminal = output_.width() > 0;
    if (format_) return output_.write(format_->text(record, is_terminal));
    output_.write(row(record));
  }

  /// `time  p0@12  key  value`, as much of it as the terminal has columns for.
  [[nodiscard]] std::string row(const ConsumerRecord& read) const {
    const Record& record = *read.record;
    const std::string place = fmt::format("{}  p{}@{}", std::string_view(to_iso_millis(record.timestamp)),
                                          read.position.tp.partition, read.position.offset);
    const std::string key = record.key() ? printable(*record.key()) : "null";
    std::string value = record.value() ? printable(*record.value()) : "null";
    const std::size_t used = place.size() + width_of(key) + 4;
    if (output_.width() > 0) value = fitted(value, output_.width() > used + 1 ? output_.width() - used : 1);
    return fmt::format("{}  {}  {}\n", output_.coloured(place, Colour::dim), output_.coloured(key, Colour::cyan),
                       record.value() ? value : output_.coloured(value, Colour::red));
  }

  const Output& output_;
  std::optional<MessageFormat> format_;
  Progress progress_;
  std::string buffer_;
  std::int64_t printed_ = 0;
  std::int64_t flushed_ = 0;
  std::int64_t read_ = 0;
  bool ended_ = false;
};

}  // namespace

int consume(CommandContext& context) {
  Printer printer(context);
  context.loop.catch_signals();
  try {
    const std::string target = target_of(context);
    const Client::Answer answer =
        context.client.stream(target, [&](std::string_view part) { return printer.take(part); });
    if (answer.status != 200) body_of(answer, "GET " + target);
  } catch (const Interrupted&) {
    printer.end();
    return EXIT_SUCCESS;
  }
  printer.end();
  return printer.printed() > 0 ? EXIT_SUCCESS : found_nothing_status;
}

}  // namespace foodorder::app
