#include "command.hpp"
#include "terminal.hpp"
#include "watch_state.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

namespace foodorder::app {

namespace {

constexpr Duration look_interval = std::chrono::seconds(1);
constexpr auto key_wait = std::chrono::milliseconds(100);
constexpr Duration message_time = std::chrono::seconds(4);
constexpr std::array<double, 11> loads = {0, 1, 2, 4, 10, 20, 40, 100, 200, 400, 1000};

std::string where_of(const CommandRequest& request) {
  return request.url.empty() ? "kafka " + request.config.brokers : request.url;
}

/// A look that fails later than the first is shown, and the next one may do.
void look_again(Watcher& watcher, Clock& clock) {
  try {
    watcher.look(clock.now());
  } catch (const OutOfReach& error) {
    watcher.failed(error.what());
  } catch (const NothingFound& error) {
    watcher.failed(error.what());
  }
}

/// For a pipe, or a terminal that ncurses does not know: a line for each change, once a second.
int watch_lines(CommandContext& context, Watcher& watcher) {
  WatchState before;
  for (std::int64_t looks = context.call.integer("--count").value_or(std::numeric_limits<std::int64_t>::max());;) {
    for (const std::string& line : changes(before, watcher.state())) context.output.write(line + '\n');
    Output::flush();
    if (--looks <= 0) return EXIT_SUCCESS;
    before = watcher.state();
    context.loop.pause(look_interval);
    look_again(watcher, context.loop.clock());
  }
}

/// The screen, and what keys do.
class Screen {
 public:
  Screen(CommandContext& context, Watcher& watcher, Terminal& terminal)
      : context_(context), watcher_(watcher), terminal_(terminal) {
    view_.where = where_of(context.request);
  }

  int run() {
    Clock& clock = context_.loop.clock();
    Timestamp next_look = clock.now() + look_interval;
    std::int64_t looks = context_.call.integer("--count").value_or(std::numeric_limits<std::int64_t>::max()) - 1;
    while (!ended_ && !context_.loop.interrupted()) {
      if (clock.now() >= message_ends_) view_.message.clear();
      draw();
      take(terminal_.wait(key_wait));
      if (view_.paused || clock.now() < next_look) continue;
      if (looks-- <= 0) break;
      look_again(watcher_, clock);
      next_look = clock.now() + look_interval;
    }
    return EXIT_SUCCESS;
  }

 private:
  void draw() {
    view_.columns = terminal_.columns();
    view_.rows = terminal_.rows();
    const std::size_t members = watcher_.state().members.size();
    view_.picked = std::min(view_.picked, members > 0 ? members - 1 : 0);
    terminal_.draw(screen(watcher_.state(), view_));
  }

  void take(const Terminal::Pressed& pressed) {
    if (pressed.key == Terminal::Key::down) ++view_.picked;
    if (pressed.key == Terminal::Key::up && view_.picked > 0) --view_.picked;
    switch (pressed.letter) {
      case 'q':
        ended_ = true;
        break;
      case ' ':
        view_.paused = !view_.paused;
        break;
      case '?':
        view_.helps = !view_.helps;
        break;
      case 'x':
        command(runs() ? "stop" : "start");
        break;
      case 'c':
        command("crash");
        break;
      case 'p':
        command(picked() && picked()->state == "paused" ? "resume" : "pause");
        break;
      case '+':
        add();
        break;
      case '[':
        set_load(-1);
        break;
      case ']':
        set_load(1);
        break;
      default:
        break;
    }
  }

  [[nodiscard]] const WatchState::Member* picked() const {
    const auto& members = watcher_.state().members;
    return view_.picked < members.size() ? &members[view_.picked] : nullptr;
  }

  [[nodiscard]] bool runs() const {
    const WatchState::Member* member = picked();
    return member && (member->state == "running" || member->state == "starting" || member->state == "paused");
  }

  void say(std::string text) {
    view_.message = std::move(text);
    message_ends_ = context_.loop.clock().now() + message_time;
  }

  /// Asks, and says what came of it.
  void ask(http::Method method, const std::string& target, const std::string& body, const std::string& done) {
    try {
      body_of(context_.client.ask(method, target, body), target);
      say(done);
      look_again(watcher_, context_.loop.clock());
    } catch (const std::runtime_error& error) {
      say(error.what());
    }
  }

  void command(const std::string& action) {
    const WatchState::Member* member = picked();
    if (!member) return say("there is no member to pick");
    ask(http::Method::post, fmt::format("/api/modules/{}/{}", percent_encoded(member->instance), action), "",
        fmt::format("{}: {}", member->instance, action));
  }

  void add() {
    const WatchState::Member* member = picked();
    if (!member) return say("there is no member to pick");
    // In this process it would end with the watching.
    if (context_.request.url.empty()) return say("a member runs in a program: watch one with --url to add to it");
    ask(http::Method::post, "/api/modules", serialize_json(json::object{{"kind", member->kind}}),
        fmt::format("one more {}", member->kind));
  }

  void set_load(int step) {
    const double now = watcher_.state().load.value_or(0);
    const auto above = std::ranges::upper_bound(loads, now);
    const auto below = std::ranges::lower_bound(loads, now);
    if (step > 0 && above == loads.end()) return say("more than that is not placed from here");
    if (step < 0 && below == loads.begin()) return say("there is no load");
    const double rate = step > 0 ? *above : *(below - 1);
    ask(http::Method::put, "/api/load", serialize_json(json::object{{"rate", rate}}),
        fmt::format("load: {:.0f} orders a second", rate));
  }

  CommandContext& context_;
  Watcher& watcher_;
  Terminal& terminal_;
  View view_;
  Timestamp message_ends_{};
  bool ended_ = false;
};

}  // namespace

int watch(CommandContext& context) {
  Watcher watcher(context.client);
  context.loop.catch_signals();
  try {
    watcher.look(context.loop.clock().now());  // where nobody answers, this says so
    const auto terminal = Terminal::open(!context.request.plain);
    if (!terminal) return watch_lines(context, watcher);
    return Screen(context, watcher, *terminal).run();
  } catch (const Interrupted&) {
    return EXIT_SUCCESS;
  }
}

}  // namespace foodorder::app
