#include "call_trees.hpp"

#include "shape.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace foodorder::rest {

namespace {

double millis(Duration time) { return static_cast<double>(time.count()) / 1000; }

void add_span(json::object& out, Timestamp begun, Timestamp ended, Timestamp zero) {
  out["startMs"] = millis(begun - zero);
  out["tookMs"] = millis(ended - begun);
}

json::object to_json(const Step& step, Timestamp zero) {
  json::object out{{"step", step.name}, {"traceId", step.trace_id}, {"outcome", step.outcome}};
  add_span(out, step.begun, step.ended, zero);
  return out;
}

json::object to_json(const calls::TryRecord& tried, Timestamp zero) {
  json::object out{{"deadlineMs", millis(tried.deadline - tried.begun)}, {"probe", tried.is_probe}};
  add_span(out, tried.begun, tried.ended, zero);
  if (!tried.error.empty()) out["error"] = tried.error;
  return out;
}

/// What must be in a tree of another process.
const json::object& example() {
  static const json::object tried{{"startMs", 0}, {"tookMs", 0}, {"deadlineMs", 0}, {"probe", false}};
  static const json::object call{{"arrow", ""},
                                 {"from", ""},
                                 {"to", ""},
                                 {"path", ""},
                                 {"event", ""},
                                 {"traceparent", ""},
                                 {"outcome", ""},
                                 {"startMs", 0},
                                 {"tookMs", 0},
                                 {"deadlineMs", 0},
                                 {"tries", json::array(1, tried)}};
  static const json::object tree{{"orderId", ""}, {"begunAt", ""}, {"calls", json::array(1, call)}, {"leftOut", 0}};
  return tree;
}

/// Counts from a moment that much earlier.
void move_zero(json::array& entries, Duration earlier) {
  for (json::value& entry : entries) {
    json::object& of = entry.get_object();
    const double micros = std::round(of.at("startMs").to_number<double>() * 1000);
    of["startMs"] = (micros + static_cast<double>(earlier.count())) / 1000;
    if (json::value* tries = of.if_contains("tries")) move_zero(tries->get_array(), earlier);
  }
}

double start_of(const json::value& entry) { return entry.at("startMs").to_number<double>(); }

}  // namespace

bool add_calls(std::optional<json::object>& tree, const json::value& other, std::string_view service) {
  if (!has_shape_of(other, example())) return false;
  const auto begun = parse_iso(text_at(other.get_object(), "begunAt"));
  if (!begun) return false;
  json::array made;
  for (const json::value& call : other.at("calls").get_array())
    if (text_at(call.get_object(), "from") == service) made.push_back(call);
  if (!tree)
    tree = json::object{{"orderId", other.at("orderId")},
                        {"begunAt", other.at("begunAt")},
                        {"steps", json::array()},
                        {"calls", json::array()},
                        {"leftOut", 0}};
  const Timestamp own = parse_iso(text_at(*tree, "begunAt")).value();
  const Timestamp zero = std::min(own, *begun);
  json::array& calls = tree->at("calls").get_array();
  move_zero(tree->at("steps").get_array(), own - zero);
  move_zero(calls, own - zero);
  move_zero(made, *begun - zero);
  calls.insert(calls.end(), made.begin(), made.end());
  std::ranges::stable_sort(calls, {}, start_of);
  (*tree)["begunAt"] = to_iso_micros(zero).view();
  (*tree)["leftOut"] = tree->at("leftOut").to_number<std::int64_t>() + other.at("leftOut").to_number<std::int64_t>();
  return true;
}

void CallTrees::add(const calls::Arrow& arrow, calls::CallRecord call) {
  if (call.subject.empty()) return;
  Tree& tree = tree_of(call.subject);
  const auto last = std::find_if(tree.calls.rbegin(), tree.calls.rend(), [&](const KeptCall& kept) {
    return kept.arrow == &arrow && kept.call.traceparent == call.traceparent;
  });
  if (last != tree.calls.rend() && !call.refused_by.empty() && last->call.refused_by == call.refused_by) {
    last->call.ended = call.ended;
    ++last->repeated;
    return;
  }
  if (tree.calls.size() == calls_max) {
    tree.calls.pop_back();
    ++tree.left_out;
  }
  tree.calls.push_back(KeptCall{&arrow, std::move(call), 0});
}

void CallTrees::add(const std::string& order_id, Step step) {
  Tree& tree = tree_of(order_id);
  if (tree.steps.size() < calls_max) tree.steps.push_back(std::move(step));
}

CallTrees::Tree& CallTrees::tree_of(const std::string& order_id) {
  const auto [entry, is_new] = trees_.try_emplace(order_id);
  if (!is_new) return entry->second;
  ids_.push_back(order_id);
  if (ids_.size() > orders_max) {
    trees_.erase(ids_.front());
    ids_.pop_front();
  }
  return entry->second;
}

std::optional<json::object> CallTrees::of(std::string_view order_id) const {
  const auto found = trees_.find(order_id);
  if (found == trees_.end()) return {};
  std::vector<Step> steps = found->second.steps;
  std::vector<KeptCall> calls = found->second.calls;
  std::ranges::stable_sort(steps, {}, &Step::begun);
  std::ranges::stable_sort(calls, {}, [](const KeptCall& kept) { return kept.call.begun; });
  Timestamp zero = Timestamp::max();
  if (!steps.empty()) zero = steps.front().begun;
  if (!calls.empty()) zero = std::min(zero, calls.front().call.begun);
  json::array step_list;
  for (const Step& step : steps) step_list.push_back(rest::to_json(step, zero));
  json::array call_list;
  for (const KeptCall& kept : calls) call_list.push_back(to_json(kept, zero));
  json::object out;
  out["orderId"] = order_id;
  out["begunAt"] = to_iso_micros(zero).view();
  out["steps"] = std::move(step_list);
  out["calls"] = std::move(call_list);
  out["leftOut"] = found->second.left_out;
  return out;
}

json::object CallTrees::to_json(const KeptCall& kept, Timestamp zero) {
  const calls::CallRecord& call = kept.call;
  json::object out;
  out["arrow"] = kept.arrow->name;
  out["from"] = kept.arrow->from;
  out["to"] = kept.arrow->to;
  out["path"] = kept.arrow->path;
  out["event"] = call.event;
  out["traceparent"] = call.traceparent;
  out["outcome"] = !call.refused_by.empty() ? "refused" : call.error.empty() ? "answered" : "failed";
  add_span(out, call.begun, call.ended, zero);
  out["deadlineMs"] = millis(call.deadline - call.begun);
  json::array tries;
  for (const calls::TryRecord& tried : call.tries) tries.push_back(rest::to_json(tried, zero));
  out["tries"] = std::move(tries);
  if (!call.refused_by.empty()) out["refusedBy"] = call.refused_by;
  if (kept.repeated > 0) out["repeated"] = kept.repeated;
  if (!call.not_retried.empty()) out["notRetried"] = call.not_retried;
  if (!call.error.empty()) out["error"] = call.error;
  if (call.status != 0) out["status"] = call.status;
  return out;
}

}  // namespace foodorder::rest
