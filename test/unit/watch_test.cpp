#include "app/commands/output.hpp"
#include "app/commands/watch_screen.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::app;

namespace {

WatchState::Row row(std::string group, std::int64_t partition, std::string owner, std::int64_t lag) {
  WatchState::Row made;
  made.group = std::move(group);
  made.topic = "orders";
  made.partition = partition;
  made.owner = std::move(owner);
  made.end = 100;
  made.committed = 100 - lag;
  made.lag = lag;
  return made;
}

WatchState some_state() {
  WatchState state;
  state.time = from_unix_millis(1770297077406);
  state.rows = {row("notification-group", 0, "notification-1", 2), row("notification-group", 1, "notification-1", 3),
                row("notification-group", 2, "NONE, 7 s left", 39), row("fraud-group", 0, "fraud-1", 0),
                row("fraud-group", 1, "fraud-1", 1)};
  state.members = {{"notification-1", "notification", "running", "", 26.7, 0.3},
                   {"notification-2", "notification", "crashed", "", {}, 0.3},
                   {"fraud-1", "fraud", "running", "", 40.0, {}}};
  state.events.push_back({state.time, "audit", 0, 22042, "created", "7c1e90b2-6f0f", "Priya\033[2J Nair"});
  state.events_seen = 1;
  return state;
}

std::vector<std::string> texts(const std::vector<ScreenLine>& lines) {
  std::vector<std::string> out;
  for (const ScreenLine& line : lines) {
    std::string& text = out.emplace_back();
    for (const Span& span : line) text += span.text;
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

TEST_CASE("The screen has exactly the lines of the terminal, none of them wider, whatever its size") {
  for (const std::size_t columns : {1U, 39U, 40U, 80U, 200U})
    for (const std::size_t rows : {1U, 13U, 14U, 24U, 60U}) {
      View view;
      view.columns = columns;
      view.rows = rows;
      for (const bool helps : {false, true}) {
        view.helps = helps;
        const auto lines = texts(screen(some_state(), view));
        CHECK(lines.size() == rows);
        for (const std::string& line : lines) CHECK(width_of(line) <= columns);
      }
    }
}

TEST_CASE("At 80x24 it shows groups with their bars, members, ledger, the last events and the keys") {
  const std::string text = joined(texts(screen(some_state(), View())));
  INFO(text);
  CHECK(text.find("-- GROUPS") != std::string::npos);
  CHECK(text.find("one # is 4 records --") != std::string::npos);
  CHECK(text.find("NONE, 7 s left") != std::string::npos);
  CHECK(text.find("   39  ##########") != std::string::npos);
  CHECK(text.find("notification-2 CRASHED") != std::string::npos);
  CHECK(text.find("26.7/s  fails 30 %") != std::string::npos);
  CHECK(text.find("fraud-group        orders   *  fraud-1") != std::string::npos);
  CHECK(text.find("p0@22042") != std::string::npos);
  CHECK(text.find("Priya\\x1b[2J Nair") != std::string::npos);
  CHECK(text.find('\033') == std::string::npos);
  CHECK(text.find("q quit") != std::string::npos);
}

TEST_CASE("Where there is no room for each partition a group is one row, and what is left out is counted") {
  WatchState state;
  for (int group = 0; group < 30; ++group)
    for (int partition = 0; partition < 3; ++partition)
      state.rows.push_back(row("group-" + std::to_string(group), partition, "m-" + std::to_string(partition), 1));
  const auto rows = folded(state.rows, true);
  REQUIRE(rows.size() == 30);
  CHECK(rows.front().lag == 3);
  CHECK(rows.front().owner == "3 members");
  CHECK(folded(state.rows, false).size() == 90);
  CHECK(joined(texts(screen(state, View()))).find("of 30, one # is 1 record --") != std::string::npos);
}

TEST_CASE("In a pipe each change is a line, and what stays as it was is none") {
  const WatchState now = some_state();
  const std::string all = joined(changes(WatchState(), now));
  CHECK(all.find("13:11:17 lag notification-group orders p2 39 NONE, 7 s left\n") != std::string::npos);
  CHECK(all.find("13:11:17 member notification-2 crashed\n") != std::string::npos);
  CHECK(all.find("13:11:17.406 event audit p0@22042 created 7c1e90b2-6f0f Priya\\x1b[2J Nair\n") != std::string::npos);
  CHECK(changes(now, now).empty());
  WatchState later = now;
  later.rows[0].lag = 0;
  CHECK(changes(now, later).size() == 1);
  later.trouble = "nobody answers";
  CHECK(changes(now, later).front() == "13:11:17 not in reach: nobody answers");
}
