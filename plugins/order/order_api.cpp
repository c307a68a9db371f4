#include "order_api.hpp"

#include "answers.hpp"
#include "conditions.hpp"
#include "foodorder/base/give_way.hpp"
#include "foodorder/http/conditions.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

constexpr std::int64_t list_max = 1000;
constexpr std::size_t short_list_max = 100;

http::Response store_full() { return http::unavailable("store-full", "the order store is full"); }

http::Response too_many_waiting(std::string_view id) {
  return http::unavailable("queue-full", fmt::format("too many writes to order {} are waiting", id));
}

http::Response key_reused(std::string_view error, std::string_view detail) {
  const std::vector<http::ProblemField> errors(1, http::ProblemField("Idempotency-Key", std::string(error)));
  return http::unprocessable("idempotency-key-reused", detail, errors);
}

/// The order that the key made still lives, and what it was placed with is forgotten: nobody can tell a repetition
/// from another order, and a new order must not take the place of that one.
http::Response key_too_old(std::string_view id) {
  return key_reused("is too old to be compared with its first use",
                    fmt::format("this Idempotency-Key belongs to order {}, and is too old for its first request to be "
                                "known; a new order takes a new key",
                                id));
}

bool has_json_body(const http::Request& request) {
  const auto type = request.header("Content-Type");
  return type && http::is_json_content_type(*type);
}

LogPlace place_of(const Position& position) { return {position.tp.partition, position.offset}; }

/// A restart reads times back from JSON: in memory they are as exact as there.
Timestamp in_millis(Timestamp time) { return from_unix_millis(to_unix_millis(time)); }

/// All records of one key are one event, however many processes wrote one: consumers fold them by this id. Once the
/// key is forgotten and its order deleted, the next creation is another event, told by the deletion that it follows.
std::string creation_id(const OrderStore& store, const std::string& order_id) {
  const GoneOrder* const gone = store.find_gone(order_id);
  if (!gone || !gone->deleted) return uuid_from_name("created " + order_id);
  return uuid_from_name(
      fmt::format("created {} after {}@{}", order_id, gone->deleted->partition, gone->deleted->offset));
}

}  // namespace

OrderEvent OrderApi::creation(std::string id, const OrderFields& fields) const {
  OrderEvent event;
  event.timestamp = in_millis(parts_.clock.now());
  event.order.id = std::move(id);
  event.order.status = to_string(OrderAction::created);
  event.order.created_at = event.timestamp;
  merge(event.order, fields);
  return event;
}

/// In the partition of the latest write the next one is later by its offset alone, whatever the clocks say.
std::optional<std::int32_t> OrderApi::partition_of(std::string_view order_id) const {
  const auto last = parts_.state.store.last_write(order_id);
  return last ? std::optional(last->partition) : std::nullopt;
}

http::Response OrderApi::created_answer(const Order& order, LogPlace at) const {
  http::Response response = order_answer(order, tag_of(at), 201);
  response.headers.emplace_back("Location", "/api/orders/" + percent_encode(order.id));
  return response;
}

Task<http::Response> OrderApi::create(http::Request& request) {
  if (!has_json_body(request)) co_return unsupported_media_type();
  // The conditions are about the order, and there is none yet: If-None-Match holds, If-Match fails.
  if (request.header("If-Match")) co_return http::precondition_failed("a POST makes an order that has no ETag yet");
  const auto key = request.header("Idempotency-Key");
  if (key && !is_idempotency_key(*key))
    co_return http::invalid_header("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  const ParsedFields parsed = parse_new_order(request.body);
  if (!parsed.errors.empty()) co_return invalid_answer(parsed);
  if (key) {
    http::Response response = co_await create_keyed(request, parsed.fields, *key);
    co_return response;
  }
  if (parts_.state.store.full()) co_return store_full();
  const OrderEvent event = creation(parts_.ids.uuid(), parsed.fields);
  OrderWriter::Write write(parts_.events.order_event(event, request.header("traceparent")), {});
  write.event = event;
  const auto written = co_await parts_.writer.write(std::move(write));
  if (!written) co_return write_failed(written.error(), event.order.id);
  co_return created_answer(event.order, place_of(*written));
}

Task<http::Response> OrderApi::create_keyed(http::Request& request, const OrderFields& fields, std::string_view key) {
  const Keyed keyed{uuid_from_name(key), body_hash(fields)};
  const auto lock = co_await locks_.lock(keyed.order_id);
  if (!lock) co_return too_many_waiting(keyed.order_id);
  if (auto known = known_answer(keyed)) co_return std::move(*known);
  if (parts_.writer.in_doubt(keyed.order_id)) co_return outcome_unknown(keyed.order_id);
  if (parts_.state.store.find(keyed.order_id)) co_return key_too_old(keyed.order_id);
  if (parts_.state.store.full()) co_return store_full();
  const OrderEvent event = creation(keyed.order_id, fields);
  const CreationKey creation_key{creation_id(parts_.state.store, keyed.order_id), keyed.body_hash};
  OrderRecord record = parts_.events.order_event(event, request.header("traceparent"), &creation_key);
  OrderWrite effect = write_of(*record.outgoing.record, Position(), record.time);
  // The view alone takes its event: another process may have been first.
  OrderWriter::Write write(std::move(record), partition_of(keyed.order_id));
  const auto written = co_await parts_.writer.write(std::move(write));
  if (!written) co_return write_failed(written.error(), keyed.order_id);
  effect.partition = written->tp.partition;
  effect.offset = written->offset;
  http::Response response = co_await learn_answer(keyed, event, effect);
  co_return response;
}

std::optional<http::Response> OrderApi::known_answer(const Keyed& keyed) const {
  const FirstAnswer* first = parts_.state.keys.find(keyed.order_id, parts_.clock.now());
  if (!first) return {};
  if (first->body_hash == keyed.body_hash)
    return created_answer(first->order, LogPlace{first->at.partition, first->at.offset});
  return key_reused("was used for an order with another body",
                    fmt::format("this Idempotency-Key belongs to order {}, placed with another body", keyed.order_id));
}

Task<http::Response> OrderApi::learn_answer(const Keyed& keyed, const OrderEvent& event, const OrderWrite& write) {
  Position at(TopicPartition(std::string(topics::orders), write.partition), write.offset);
  const bool folded = co_await parts_.gate.folded(parts_.view, std::move(at), view_timeout_);
  if (!folded) {
    const WriteRank rank{write.logged, write.partition, write.offset};
    parts_.state.keys.learn(keyed.order_id, FirstAnswer{keyed.body_hash, event.order, rank, write.time});
    OrderWrite ahead = write;
    ahead.ahead = true;
    parts_.state.store.apply(event, ahead);
  }
  auto known = known_answer(keyed);
  if (known) co_return std::move(*known);
  co_return created_answer(event.order,
                           LogPlace{write.partition, write.offset});  // forgotten at once: no room for keys
}

Task<http::Response> OrderApi::list(http::Request& request) const {
  const auto limit_text = request.query("limit");
  const auto limit = limit_text ? whole_number(*limit_text, 1, list_max) : list_max;
  if (!limit) co_return invalid_parameter("limit", "must be a whole number from 1 to 1000");
  const auto order = request.query("order");
  if (order && *order != "oldest" && *order != "newest")
    co_return invalid_parameter("order", "must be oldest or newest");
  const bool newest = order == "newest";
  const auto after = request.query("after");
  const auto listed = std::min<std::size_t>(static_cast<std::size_t>(*limit), parts_.state.store.size());
  if (listed > short_list_max) co_await give_way();  // up to a millisecond follows
  const OrderStore::Page page =
      parts_.state.store.list(static_cast<std::size_t>(*limit), after,
                              newest ? OrderStore::Listing::newest_first : OrderStore::Listing::oldest_first);
  if (page.unknown_after) co_return invalid_parameter("after", "must be the id of an order of this list");
  std::string body = "[";
  body.reserve(page.orders.size() * 256);
  for (const StoredOrder* stored : page.orders) {
    if (body.size() > 1) body += ',';
    body += to_json(stored->order);
  }
  body += ']';
  http::Response response = http::json_response(std::move(body));
  response.headers.emplace_back("X-Total-Count", std::to_string(parts_.state.store.size()));
  if (page.more)
    response.headers.emplace_back(
        "Link", fmt::format("</api/orders?{}limit={}&after={}>; rel=\"next\"", newest ? "order=newest&" : "", *limit,
                            percent_encode(page.orders.back()->order.id)));
  co_return response;
}

Task<http::Response> OrderApi::get(http::Request& request) const {
  const std::string_view id = request.path_parameter("id");
  const StoredOrder* stored = parts_.state.store.find(id);
  if (!stored) co_return not_found(id);
  co_return order_answer(stored->order, tag_of(LogPlace{stored->last.partition, stored->last.offset}));
}

Task<http::Response> OrderApi::update(http::Request& request) {
  if (!has_json_body(request)) co_return unsupported_media_type();
  const ParsedFields parsed = parse_order_update(request.body);
  if (!parsed.errors.empty()) co_return invalid_answer(parsed);
  http::Response response = co_await change(request, OrderAction::updated, parsed.fields);
  co_return response;
}

Task<http::Response> OrderApi::remove(http::Request& request) {
  const OrderFields none;
  http::Response response = co_await change(request, OrderAction::deleted, none);
  co_return response;
}

Task<http::Response> OrderApi::change(http::Request& request, OrderAction action, const OrderFields& fields) {
  const std::string id(request.path_parameter("id"));
  const auto lock = co_await locks_.lock(id);
  if (!lock) co_return too_many_waiting(id);
  if (parts_.writer.in_doubt(id)) co_return outcome_unknown(id);
  const StoredOrder* stored = parts_.state.store.find(id);
  if (!stored) co_return not_found(id);
  const std::string tag = tag_of(LogPlace{stored->last.partition, stored->last.offset});
  const http::Precondition condition = http::evaluate_conditions(request, tag);
  if (condition != http::Precondition::holds) co_return condition_failed(condition, tag);
  OrderEvent event;
  event.action = action;
  event.order = stored->order;
  event.order.status = to_string(action);  // unless the client has a word of its own
  event.timestamp = in_millis(parts_.clock.now());
  merge(event.order, fields);
  OrderWriter::Write write(parts_.events.order_event(event, request.header("traceparent")), partition_of(id));
  write.event = event;
  const auto written = co_await parts_.writer.write(std::move(write));
  if (!written) co_return write_failed(written.error(), id);
  co_return order_answer(event.order, tag_of(place_of(*written)));
}

}  // namespace foodorder::order
