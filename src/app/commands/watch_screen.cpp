#include "watch_screen.hpp"

#include "base/terminal_text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace foodorder::app {

namespace {

constexpr std::size_t bar_max = 10;
constexpr std::size_t events_min = 2;
constexpr std::size_t frame_rows = 10;  // what is there beside groups, members and events
constexpr std::size_t columns_min = 40;

/// The text in exactly so many columns.
std::string column(std::string_view text, std::size_t columns) {
  const std::string cut = fitted(printable(text), columns);
  const std::size_t used = width_of(cut);
  return cut + std::string(columns > used ? columns - used : 0, ' ');
}

std::string right(std::string_view text, std::size_t columns) {
  const std::size_t used = width_of(text);
  return std::string(columns > used ? columns - used : 0, ' ') + std::string(text);
}

std::string clock_text(Timestamp time) { return std::string(std::string_view(to_iso_millis(time)).substr(11, 8)); }

std::string millis_text(double millis) {
  return millis < 1000 ? fmt::format("{:.0f} ms", millis) : fmt::format("{:.2f} s", millis / 1000);
}

std::string rate_text(const std::optional<double>& rate) { return rate ? fmt::format("{:.1f}/s", *rate) : "-"; }

/// "-- GROUPS ------- one # is 4 records --"
ScreenLine title(std::string_view name, std::string_view note, std::size_t columns) {
  const std::string head = fmt::format("-- {} ", name);
  std::string tail = note.empty() ? "" : fmt::format(" {} --", note);
  if (width_of(head) + width_of(tail) > columns) tail.clear();
  const std::size_t used = width_of(head) + width_of(tail);
  return {{head, Style::bold}, {std::string(columns > used ? columns - used : 0, '-') + tail, Style::dim}};
}

Style style_of_state(std::string_view state) {
  if (state == "crashed" || state == "failed" || state == "lost") return Style::red;
  return state == "running" ? Style::plain : Style::yellow;
}

Style style_of_action(std::string_view action) {
  if (action.starts_with("DLQ") || action.starts_with("DROPPED")) return Style::red;
  if (action.starts_with("RETRY") || action.starts_with("FRAUD_ALERT")) return Style::yellow;
  return action.starts_with("NOTIFIED") ? Style::green : Style::plain;
}

/// 1, 2, 4, 10, 20, 40, ...: so many records are one sign of a bar, so that the longest fits.
std::int64_t records_a_sign(const std::vector<WatchState::Row>& rows) {
  std::int64_t most = 0;
  for (const WatchState::Row& row : rows) most = std::max(most, row.lag);
  for (std::int64_t ten = 1;; ten *= 10)
    for (const std::int64_t step : {ten, 2 * ten, 4 * ten})
      if (most <= step * static_cast<std::int64_t>(bar_max)) return step;
}

/// Columns of a row: the names get what a wide terminal has beyond 80. A narrow one shows the lag before offsets and
/// topics.
struct GroupColumns {
  explicit GroupColumns(std::size_t columns)
      : wide(columns > 80 ? (columns - 80) / 2 : 0),
        has_offsets(columns >= 80),
        has_topics(columns >= 56),
        owner_columns(has_topics ? 15 : columns - std::min<std::size_t>(columns, 31)) {}

  [[nodiscard]] std::string names(std::string_view group) const { return column(group, 18 + wide) + ' '; }
  [[nodiscard]] std::string topics(std::string_view topic) const {
    return has_topics ? column(topic, 7 + wide) + ' ' : "";
  }
  [[nodiscard]] std::string owners(std::string_view owner) const { return column(owner, owner_columns) + ' '; }
  [[nodiscard]] std::string offsets(std::string_view committed, std::string_view end) const {
    return has_offsets ? right(committed, 8) + ' ' + right(end, 7) : "";
  }

  std::size_t wide;
  bool has_offsets;
  bool has_topics;
  std::size_t owner_columns;
};

ScreenLine group_line(const WatchState::Row& row, bool same_group, std::int64_t sign, const GroupColumns& columns) {
  const bool nobody = row.owner.starts_with("NONE");
  const auto signs = static_cast<std::size_t>((row.lag + sign - 1) / sign);
  ScreenLine line;
  line.push_back({columns.names(same_group ? "" : row.group), Style::cyan});
  line.push_back(
      {columns.topics(row.topic) + right(row.partition ? fmt::format("{}", *row.partition) : "*", 2) + "  "});
  line.push_back({columns.owners(row.owner), nobody ? Style::red : Style::plain});
  line.push_back({columns.offsets(fmt::format("{}", row.committed), fmt::format("{}", row.end)), Style::dim});
  line.push_back({right(fmt::format("{}", row.lag), 5) + "  "});
  line.push_back({std::string(std::min(signs, bar_max), '#'), Style::cyan});
  return line;
}

ScreenLine group_heading(const GroupColumns& columns) {
  return {{columns.names("group") + columns.topics("topic") + right("p", 2) + "  " + columns.owners("owner") +
               columns.offsets("commit", "end") + right("lag", 5),
           Style::dim}};
}

std::string member_text(const WatchState::Member& member) {
  std::string text = fmt::format("{:>8}", rate_text(member.per_second));
  if (member.fail_rate) text += fmt::format("  fails {:2.0f} %", *member.fail_rate * 100);
  return text;
}

void add_member(ScreenLine& line, const WatchState::Member& member, bool picked, std::size_t columns) {
  std::string shown = member.state;
  if (style_of_state(member.state) == Style::red)
    std::ranges::transform(shown, shown.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  line.push_back({picked ? ">" : " ", Style::bold});
  line.push_back({column(member.instance, 14) + ' '});
  line.push_back({column(shown, 8) + ' ', style_of_state(member.state)});
  line.push_back({column(member_text(member), columns > 25 ? columns - 25 : 1)});
}

/// Two columns, read from top to bottom. Where there are more than fit, the picked one is among those that are shown.
std::vector<ScreenLine> member_block(const std::vector<WatchState::Member>& members, const View& view,
                                     std::size_t rows) {
  const std::size_t shown = rows * 2;
  const std::size_t first = view.picked >= shown ? view.picked - shown + 1 : 0;
  std::vector<ScreenLine> lines(rows);
  for (std::size_t i = first; i < std::min(members.size(), first + shown); ++i) {
    const bool is_left = i - first < rows;  // the left one is wider: those that can fail come first
    add_member(lines[(i - first) % rows], members[i], i == view.picked,
               is_left ? view.columns / 2 + 5 : view.columns / 2 - 5);
  }
  return lines;
}

ScreenLine event_line(const WatchState::Event& event, std::size_t columns) {
  const std::string time(std::string_view(to_iso_millis(event.time)).substr(11, 12));
  const std::string place = fmt::format("p{}@{}", event.partition, event.offset);
  ScreenLine line;
  line.push_back({time + "  ", Style::dim});
  line.push_back({column(event.topic, 6) + column(place, 10) + ' '});
  line.push_back({column(event.action, 19) + ' ', style_of_action(event.action)});
  line.push_back({column(event.order.substr(0, 8), 9) + ' '});
  line.push_back({column(event.detail, columns > 61 ? columns - 61 : 1)});
  return line;
}

ScreenLine summary(const WatchState& state) {
  ScreenLine line{{fmt::format("orders {}", rate_text(state.per_second)), Style::plain}};
  if (state.load) line.push_back({fmt::format("  (load {:.0f}/s)", *state.load), Style::dim});
  if (!state.figures) return line.push_back({"   no analytics module tells figures", Style::dim}), line;
  const WatchState::Figures& figures = *state.figures;
  line.push_back(
      {fmt::format("   to notified p50 {}  p99 {}   success {}   retries {}", millis_text(figures.p50_ms),
                   millis_text(figures.p99_ms), figures.success ? fmt::format("{:.1f} %", *figures.success * 100) : "-",
                   figures.retries)});
  return line;
}

std::vector<ScreenLine> ledger(const WatchState& state) {
  if (!state.figures) return {{{"not known: it comes from analytics", Style::dim}}, {}};
  const WatchState::Figures& figures = *state.figures;
  std::int64_t unread = 0;
  for (const WatchState::Row& row : state.rows)
    if (row.group == "notification-group" && row.topic == "orders") unread += row.lag;
  unread = std::min(unread, figures.waiting);
  return {{{fmt::format("accepted {} = notified {} + gave up {} + dropped {} + waiting {}", figures.accepted,
                        figures.notified, figures.gave_up, figures.dropped, figures.waiting)}},
          {{fmt::format("lost {}", figures.lost), figures.lost > 0 ? Style::red : Style::plain},
           {fmt::format("   done twice {}, folded   waiting: {} unread, {} until their retry", figures.done_twice,
                        unread, figures.waiting - unread)}}};
}

ScreenLine keys(const View& view) {
  if (!view.message.empty()) return {{printable(view.message), Style::yellow}};
  const auto key = [](std::string_view name) { return Span{std::string(name), Style::bold}; };
  return {key("q"), {" quit   "},  key("space"), {" pause   "}, key("arrows"), {" pick   "}, key("x"), {" stop   "},
          key("c"), {" crash   "}, key("+"),     {" add   "},   key("[ ]"),    {" load  "},  key("?"), {" help"}};
}

std::vector<ScreenLine> help_lines() {
  const std::vector<std::pair<std::string, std::string>> entries = {
      {"q, Ctrl-C", "quit; nothing of the system changes"},
      {"space", "pause, and go on: the system goes on in any case"},
      {"up, down", "pick a member"},
      {"x", "stop the picked member; start it again where it does not run"},
      {"c", "crash it: no commit, no goodbye; its group misses it after its session"},
      {"p", "pause and resume it"},
      {"+", "one more member of its kind"},
      {"[ and ]", "less and more load: 0, 1, 2, 4, 10, 20, 40, ... orders a second"},
      {"?", "this text, and back"},
  };
  std::vector<ScreenLine> lines{
      {{"foodorder watch: what it shows comes from the log and from the modules", Style::bold}}, {}};
  for (const auto& [key, meaning] : entries) lines.push_back({{column(key, 12), Style::bold}, {meaning}});
  return lines;
}

/// The rows that there is room for: each partition, or each topic of a group, or the first of these.
std::vector<WatchState::Row> rows_that_fit(const WatchState& state, std::size_t room) {
  std::vector<WatchState::Row> rows = folded(state.rows, false);
  if (rows.size() > room) rows = folded(state.rows, true);
  if (rows.size() > room) rows.resize(room);
  return rows;
}

/// Cuts each line where the screen ends.
void fit(std::vector<ScreenLine>& lines, const View& view) {
  lines.resize(view.rows);
  for (ScreenLine& line : lines) {
    std::size_t left = view.columns;
    for (Span& span : line) {
      if (width_of(span.text) > left) span.text = fitted(span.text, left);
      left -= std::min(left, width_of(span.text));
    }
  }
}

ScreenLine first_line(const WatchState& state, const View& view) {
  const std::string live = !state.trouble.empty() ? "NOT IN REACH" : view.paused ? "PAUSED" : "live";
  const std::string time = clock_text(state.time) + " UTC";
  return {{"foodorder watch", Style::bold},
          {"   " + printable(view.where) + "   "},
          {live, live == "live" ? Style::green : Style::red},
          {"   " + time, Style::dim}};
}

}  // namespace

std::vector<ScreenLine> screen(const WatchState& state, const View& view) {
  if (view.columns < columns_min || view.rows < frame_rows + 4) {
    std::vector<ScreenLine> small{{{"foodorder watch needs 40x14, or more"}}};
    fit(small, view);
    return small;
  }
  std::vector<ScreenLine> lines;
  if (view.helps) {
    lines = help_lines();
    fit(lines, view);
    return lines;
  }
  const std::size_t member_lines = std::min((state.members.size() + 1) / 2, std::max<std::size_t>(view.rows / 5, 1));
  const std::size_t room = view.rows - frame_rows;
  const std::size_t group_room = std::max<std::size_t>(room - std::min(room, member_lines + events_min), 1);
  const std::vector<WatchState::Row> rows = rows_that_fit(state, group_room);
  const std::int64_t sign = records_a_sign(rows);

  lines.push_back(first_line(state, view));
  lines.push_back(state.trouble.empty() ? summary(state) : ScreenLine{{printable(state.trouble), Style::red}});
  const std::size_t topics = folded(state.rows, true).size();
  const std::string more = rows.size() < topics ? fmt::format("{} of {}, ", rows.size(), topics) : "";
  lines.push_back(
      title("GROUPS", fmt::format("{}one # is {} record{}", more, sign, sign == 1 ? "" : "s"), view.columns));
  const GroupColumns columns(view.columns);
  lines.push_back(group_heading(columns));
  for (std::size_t i = 0; i < rows.size(); ++i)
    lines.push_back(group_line(rows[i], i > 0 && rows[i - 1].group == rows[i].group, sign, columns));
  lines.push_back(title("MEMBERS", "", view.columns));
  for (ScreenLine& line : member_block(state.members, view, member_lines)) lines.push_back(std::move(line));
  lines.push_back(title("LEDGER", "from the log, by the rules of foodorder verify", view.columns));
  for (ScreenLine& line : ledger(state)) lines.push_back(std::move(line));
  lines.push_back(title("LAST EVENTS", "", view.columns));
  const std::size_t left = view.rows - std::min(view.rows, lines.size() + 1);
  for (std::size_t i = 0; i < std::min(left, state.events.size()); ++i)
    lines.push_back(event_line(state.events[state.events.size() - 1 - i], view.columns));
  lines.resize(view.rows - 1);
  lines.push_back(keys(view));
  fit(lines, view);
  return lines;
}

std::vector<std::string> changes(const WatchState& before, const WatchState& now) {
  std::vector<std::string> lines;
  const std::string time = clock_text(now.time);
  if (now.trouble != before.trouble)
    lines.push_back(
        fmt::format("{} {}", time, now.trouble.empty() ? "in reach" : "not in reach: " + printable(now.trouble)));
  const auto same = [](const auto& a, const auto& b) {
    return a.group == b.group && a.topic == b.topic && a.partition == b.partition;
  };
  for (const WatchState::Row& row : now.rows) {
    const auto old = std::ranges::find_if(before.rows, [&](const auto& other) { return same(row, other); });
    if (old != before.rows.end() && old->lag == row.lag && old->owner == row.owner) continue;
    lines.push_back(fmt::format("{} lag {} {} p{} {} {}", time, printable(row.group), printable(row.topic),
                                *row.partition, row.lag, printable(row.owner)));
  }
  for (const WatchState::Member& member : now.members) {
    const auto old = std::ranges::find(before.members, member.instance, &WatchState::Member::instance);
    if (old != before.members.end() && old->state == member.state && old->error == member.error) continue;
    lines.push_back(fmt::format("{} member {} {}{}", time, printable(member.instance), member.state,
                                member.error.empty() ? "" : ": " + printable(member.error)));
  }
  const auto fresh = std::min(static_cast<std::size_t>(now.events_seen - before.events_seen), now.events.size());
  for (std::size_t i = now.events.size() - fresh; i < now.events.size(); ++i) {
    const WatchState::Event& event = now.events[i];
    lines.push_back(fmt::format(
        "{} event {} p{}@{} {} {} {}", std::string_view(to_iso_millis(event.time)).substr(11, 12), event.topic,
        event.partition, event.offset, printable(event.action), printable(event.order), printable(event.detail)));
  }
  return lines;
}

}  // namespace foodorder::app
