#include "foodorder/base/log.hpp"
#include "world.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>

// Runs worlds and tells of those that go wrong; script/simulate builds and calls it.

namespace {

using namespace foodorder::simulation;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 20'000;
  bool trace = false;
  std::string architecture = "events";
};

[[noreturn]] void usage() {
  fmt::print(stderr, "usage: simulate [--architecture=events|monolith|rest] [--seeds N] [--seed S] [--trace]\n");
  std::exit(2);
}

std::uint64_t number(const char* text) {
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) usage();
  return value;
}

Options read(int argc, char** argv) {
  Options options;
  bool counted = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--trace") {
      options.trace = true;
    } else if (flag.starts_with("--architecture=")) {
      options.architecture = flag.substr(flag.find('=') + 1);
      if (!architecture_of(options.architecture)) usage();
    } else if (flag == "--seed" && i + 1 < argc) {
      options.first = number(argv[++i]);
      if (!counted) options.seeds = 1;
    } else if (flag == "--seeds" && i + 1 < argc) {
      options.seeds = number(argv[++i]);
      counted = true;
    } else {
      usage();
    }
  }
  return options;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read(argc, argv);
  foodorder::log::set_level(foodorder::log::Level::error);
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const Make make{product_modules(), {}, {}, architecture_of(options.architecture).value()};
  const std::string flags = fmt::format("--architecture={} --seed", options.architecture);
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t failed = 0;
  std::uint64_t crashes = 0;
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  double told = 0;
  for (std::uint64_t done = 0; done < options.seeds; ++done) {
    const std::uint64_t seed = options.first + done;
    const Outcome outcome = simulate(make, seed, options.trace);
    crashes += outcome.crashes;
    events += outcome.events;
    records += outcome.records;
    if (options.trace) fmt::print("{}", outcome.trace);
    const double passed = seconds_since(start);
    if (terminal && passed > told + 0.2) {
      told = passed;
      fmt::print(stderr, "\r{} of {} worlds, {} failed, {:.0f} a second ", done + 1, options.seeds, failed,
                 static_cast<double>(done + 1) / passed);
    }
    if (outcome.violations.empty()) continue;
    ++failed;
    if (terminal) fmt::print(stderr, "\r\033[K");
    fmt::print("seed {} fails: {}: {}\n  script/simulate {} {} --trace\n", seed, outcome.violations.front().rule,
               outcome.violations.front().what, flags, seed);
    std::fflush(stdout);
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
  fmt::print("{} worlds, {} failed; {} crashes, {} events, {} records; {:.0f} worlds a second\n", options.seeds, failed,
             crashes, events, records, static_cast<double>(options.seeds) / seconds_since(start));
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
