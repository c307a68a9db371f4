#include "rest/call_trees.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::rest;
using std::chrono::milliseconds;

namespace {

constexpr Timestamp noon{std::chrono::hours(12)};

calls::Arrow arrow_of(std::string name, std::string from, std::string to) {
  calls::Arrow arrow;
  arrow.name = std::move(name);
  arrow.from = std::move(from);
  arrow.to = std::move(to);
  arrow.path = "/audit";
  return arrow;
}

const calls::Arrow audit = arrow_of("order-audit-audit", "order", "audit");
const calls::Arrow fraud_audit = arrow_of("fraud-audit-audit", "fraud", "audit");

/// A call of 2 ms, that many milliseconds after noon.
calls::CallRecord call_at(const std::string& order, int after, const std::string& traceparent = "00-1-2-01") {
  calls::CallRecord call;
  call.subject = order;
  call.event = "created";
  call.traceparent = traceparent;
  call.begun = noon + milliseconds(after);
  call.ended = call.begun + milliseconds(2);
  call.deadline = call.begun + milliseconds(600);
  call.status = 201;
  return call;
}

calls::CallRecord refused_at(const std::string& order, int after) {
  calls::CallRecord call = call_at(order, after);
  call.status = 0;
  call.refused_by = "breaker";
  call.error = "audit was not called: its breaker is open";
  return call;
}

const json::object& call(const json::object& tree, std::size_t n) {
  return tree.at("calls").as_array().at(n).as_object();
}

}  // namespace

TEST_CASE("A tree has an order's calls and steps by their beginnings, counted from the first") {
  CallTrees trees;
  calls::CallRecord tried = call_at("a", 30);
  calls::TryRecord lost;
  lost.begun = noon + milliseconds(30);
  lost.ended = lost.deadline = noon + milliseconds(280);
  lost.error = "no whole answer in time";
  tried.tries.push_back(lost);
  tried.not_retried = "budget";
  tried.error = lost.error;
  tried.status = 0;
  trees.add(fraud_audit, std::move(tried));
  trees.add(audit, call_at("a", 15));
  trees.add("a", Step{"place", "1", noon + milliseconds(10), noon + milliseconds(20), "placed"});
  CHECK_FALSE(trees.of("b"));
  const json::object tree = trees.of("a").value();
  CHECK(tree.at("begunAt").as_string() == "1970-01-01T12:00:00.010000Z");
  CHECK(serialize_json(tree.at("steps")) ==
        R"([{"step":"place","traceId":"1","outcome":"placed","startMs":0,"tookMs":10}])");
  CHECK(call(tree, 0).at("arrow").as_string() == "order-audit-audit");
  CHECK(call(tree, 0).at("startMs").as_double() == 5);
  CHECK(call(tree, 0).at("deadlineMs").as_double() == 600);
  CHECK(call(tree, 0).at("outcome").as_string() == "answered");
  CHECK(call(tree, 0).at("status").as_int64() == 201);
  CHECK(call(tree, 1).at("outcome").as_string() == "failed");
  CHECK(call(tree, 1).at("notRetried").as_string() == "budget");
  CHECK(serialize_json(call(tree, 1).at("tries")) ==
        R"([{"deadlineMs":250,"probe":false,"startMs":20,"tookMs":250,"error":"no whole answer in time"}])");
}

TEST_CASE("Calls that are refused again and again are one, and another reason or event is another one") {
  CallTrees trees;
  for (int i = 0; i < 5; ++i) trees.add(audit, refused_at("a", 200 * i));
  trees.add(fraud_audit, refused_at("a", 300));
  trees.add(audit, call_at("a", 1000));
  trees.add(audit, call_at("a", 1200, "00-1-3-01"));
  const json::object tree = trees.of("a").value();
  REQUIRE(tree.at("calls").as_array().size() == 4);
  CHECK(call(tree, 0).at("repeated").to_number<int>() == 4);
  CHECK(call(tree, 0).at("tookMs").as_double() == 802);
  CHECK(call(tree, 0).at("refusedBy").as_string() == "breaker");
  CHECK_FALSE(call(tree, 1).contains("repeated"));
  CHECK(call(tree, 2).at("outcome").as_string() == "answered");
}

TEST_CASE("The newest orders are kept, and of each its first calls and the newest") {
  CallTrees trees;
  for (std::size_t i = 0; i < CallTrees::orders_max + 5; ++i) trees.add(audit, call_at(std::to_string(i), 0));
  CHECK_FALSE(trees.of("4"));
  CHECK(trees.of("5"));
  const int calls = static_cast<int>(CallTrees::calls_max);
  for (int i = 0; i < calls + 10; ++i) trees.add(audit, call_at("a", i, std::to_string(i)));
  const json::object tree = trees.of("a").value();
  CHECK(tree.at("calls").as_array().size() == CallTrees::calls_max);
  CHECK(tree.at("leftOut").to_number<int>() == 10);
  CHECK(call(tree, CallTrees::calls_max - 1).at("startMs").as_double() == calls + 9);
  trees.add(audit, call_at("", 0));
  CHECK_FALSE(trees.of(""));
}

TEST_CASE("The calls of another process are merged into a tree, which counts from the earlier beginning") {
  CallTrees order;
  order.add(audit, call_at("a", 30));
  order.add("a", Step{"place", "1", noon + milliseconds(29), noon + milliseconds(40), "placed"});
  CallTrees fraud;
  calls::CallRecord tried = call_at("a", 20);
  tried.tries.push_back({noon + milliseconds(21), noon + milliseconds(22), noon + milliseconds(250), false, {}});
  fraud.add(fraud_audit, tried);
  fraud.add(fraud_audit, call_at("a", 35));
  fraud.add(audit, call_at("a", 36));  // of another service: it is asked itself
  std::optional<json::object> tree = order.of("a");
  REQUIRE(add_calls(tree, fraud.of("a").value(), "fraud"));
  std::vector<std::pair<std::string, double>> starts;
  for (const json::value& each : tree->at("calls").as_array())
    starts.emplace_back(text_at(each.as_object(), "arrow"), each.at("startMs").to_number<double>());
  CHECK(starts == std::vector<std::pair<std::string, double>>{
                      {"fraud-audit-audit", 0}, {"order-audit-audit", 10}, {"fraud-audit-audit", 15}});
  CHECK(call(*tree, 0).at("tries").at(0).at("startMs") == 1.0);
  CHECK(tree->at("steps").at(0).at("startMs") == 9.0);
  CHECK(tree->at("begunAt") == fraud.of("a")->at("begunAt"));

  std::optional<json::object> none;
  REQUIRE(add_calls(none, fraud.of("a").value(), "fraud"));
  CHECK(none->at("calls").as_array().size() == 2);
  CHECK(none->at("steps").as_array().empty());
}

TEST_CASE("What is no tree of another process changes nothing") {
  CallTrees fraud;
  fraud.add(fraud_audit, call_at("a", 20));
  const json::object whole = fraud.of("a").value();
  std::vector<json::value> wrong = {nullptr, 1, json::array(), json::object()};
  for (const char* member : {"begunAt", "calls", "leftOut", "orderId"}) {
    json::object lacks = whole;
    lacks.erase(member);
    wrong.emplace_back(std::move(lacks));
  }
  json::object dated = whole;
  dated["begunAt"] = "yesterday";
  wrong.emplace_back(std::move(dated));
  json::object of_text = whole;
  of_text["calls"].as_array()[0].as_object()["startMs"] = "soon";
  wrong.emplace_back(std::move(of_text));
  for (const json::value& other : wrong) {
    std::optional<json::object> tree;
    CHECK_FALSE(add_calls(tree, other, "fraud"));
    CHECK_FALSE(tree.has_value());
  }
}
