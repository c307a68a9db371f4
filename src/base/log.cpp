#include "foodorder/base/log.hpp"

#include "log_line.hpp"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace foodorder::log {

namespace {

using namespace std::chrono_literals;
using Pool = spdlog::details::thread_pool;

constexpr std::size_t error_lines_max = 4096;
constexpr std::size_t output_lines_max = 1024;
constexpr auto drain_max = 500ms;
constexpr auto drain_step = 1ms;

constexpr const char* as_it_is = "%v";

const char* pattern_of(Form form) {
  return form == Form::json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v" : "%Y-%m-%dT%H:%M:%S.%eZ %v";
}

/// Writes to a descriptor, past stdio's buffer: a line is one write.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{descriptor, POLLOUT, 0};  // somebody made a descriptor that we share non-blocking
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// What the loggers of one queue have in common.
struct Tally {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> handled = 0;  ///< written or failed
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<Pool*> pool = nullptr;

  [[nodiscard]] std::uint64_t dropped() const {
    Pool* const queue = pool.load();
    return failed.load() + (queue ? queue->overrun_counter() : 0);
  }
};

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(int descriptor, const char* pattern, std::shared_ptr<Tally> tally, std::optional<Form> reports)
      : descriptor_(descriptor), tally_(std::move(tally)), reports_(reports) {
    set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const bool written = put(message);
    if (!written) ++tally_->failed;
    if (written && reports_) report_dropped(message);
    ++tally_->handled;
  }
  void flush_() override {}

 private:
  bool put(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return write_all(descriptor_, {line.data(), line.size()});
  }

  void report_dropped(const spdlog::details::log_msg& after) {
    const std::uint64_t dropped = tally_->dropped();
    if (dropped == reported_) return;
    const Field count("lines", dropped - reported_);
    const std::string text =
        format_line(*reports_, Level::warn, "log lines were dropped: nobody read them in time", {&count, 1});
    spdlog::details::log_msg report = after;
    report.payload = text;
    if (put(report)) reported_ = dropped;
  }

  int descriptor_;
  std::shared_ptr<Tally> tally_;
  std::optional<Form> reports_;
  std::uint64_t reported_ = 0;
};

std::shared_ptr<spdlog::logger> ready(std::shared_ptr<spdlog::logger> logger) {
  logger->set_level(spdlog::level::trace);
  logger->set_error_handler([](const std::string&) {});  // its own would write to standard error
  return logger;
}

std::shared_ptr<spdlog::logger> direct(int descriptor, const char* pattern) {
  return ready(std::make_shared<spdlog::logger>(
      "", std::make_shared<Sink>(descriptor, pattern, std::make_shared<Tally>(), std::nullopt)));
}

struct Loggers {
  Form form = Form::text;
  std::shared_ptr<spdlog::logger> lines = direct(STDERR_FILENO, pattern_of(Form::text));
  std::shared_ptr<spdlog::logger> output = direct(STDOUT_FILENO, as_it_is);
  std::shared_ptr<spdlog::logger> error = direct(STDERR_FILENO, as_it_is);
  std::shared_ptr<Tally> output_tally = std::make_shared<Tally>();
  std::shared_ptr<Tally> error_tally = std::make_shared<Tally>();
};

/// Never destroyed: a thread that is left behind may use them to the end.
Loggers& loggers() {
  static Loggers& all = *new Loggers;
  return all;
}

std::atomic<Level> least = Level::warn;

void put(spdlog::logger& logger, Tally& tally, std::string_view text) {
  ++tally.accepted;
  logger.log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace

/// A queue and its thread.
struct Background::Writer {
  explicit Writer(std::size_t lines_max) : pool(std::make_shared<Pool>(lines_max, 1)) { tally->pool = pool.get(); }

  std::shared_ptr<spdlog::logger> logger(int descriptor, const char* pattern, std::optional<Form> reports = {}) const {
    return ready(std::make_shared<spdlog::async_logger>("", std::make_shared<Sink>(descriptor, pattern, tally, reports),
                                                        pool, spdlog::async_overflow_policy::overrun_oldest));
  }

  [[nodiscard]] bool is_idle() const { return tally->handled + pool->overrun_counter() >= tally->accepted; }

  void finish(std::chrono::steady_clock::time_point until) {
    while (!is_idle() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(drain_step);
    // To end the pool is to wait for its thread, which may be in a write that never returns.
    if (!is_idle()) {
      static auto& abandoned = *new std::vector<std::shared_ptr<Pool>>;
      abandoned.push_back(std::move(pool));
      return;
    }
    tally->failed += pool->overrun_counter();
    tally->pool = nullptr;
    pool.reset();
  }

  std::shared_ptr<Pool> pool;
  std::shared_ptr<Tally> tally = std::make_shared<Tally>();
};

void set_level(Level level) noexcept { least = level; }

Level level_from(std::string_view name) noexcept {
  for (const auto& [level, text] : {std::pair(Level::debug, "debug"), {Level::info, "info"}, {Level::warn, "warn"}})
    if (name == text) return level;
  return Level::error;
}

bool enabled(Level level) noexcept { return level >= least.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message, std::span<const Field> fields) {
  if (!enabled(level)) return;
  const Loggers& all = loggers();
  put(*all.lines, *all.error_tally, format_line(all.form, level, message, fields));
}

void print(std::string_view line) { put(*loggers().output, *loggers().output_tally, safe_text(line)); }

void print_error(std::string_view line) { put(*loggers().error, *loggers().error_tally, safe_text(line)); }

std::uint64_t lines_dropped() noexcept { return loggers().output_tally->dropped() + loggers().error_tally->dropped(); }

Background::Background()
    : Background(STDOUT_FILENO, STDERR_FILENO, ::isatty(STDERR_FILENO) == 1 ? Form::text : Form::json) {}

Background::Background(int output, int error, Form form)
    : output_(std::make_unique<Writer>(output_lines_max)), error_(std::make_unique<Writer>(error_lines_max)) {
  Loggers& all = loggers();
  all.form = form;
  all.lines = error_->logger(error, pattern_of(form), form);
  all.error = error_->logger(error, as_it_is);
  all.output = output_->logger(output, as_it_is);
  all.error_tally = error_->tally;
  all.output_tally = output_->tally;
}

Background::~Background() {
  const auto until = std::chrono::steady_clock::now() + drain_max;
  output_->finish(until);
  error_->finish(until);
}

}  // namespace foodorder::log
