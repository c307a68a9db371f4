#include "clients.hpp"
#include "support/edit_record.hpp"

#include "foodorder/base/json.hpp"
#include "foodorder/runtime/event_headers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <charconv>

namespace foodorder::simulation {

namespace {

constexpr Duration ask_again = std::chrono::seconds(1);
constexpr Duration connect_again = std::chrono::milliseconds(300);

std::string_view header_of(const http::Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (field == name) return value;
  return {};
}

std::string field_of(const http::Response& response, std::string_view name) {
  const auto body = parse_json(response.body);
  const json::object* object = body ? body->if_object() : nullptr;
  const json::value* value = object ? object->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(std::string_view(value->get_string())) : std::string();
}

/// The end of an ETag: "<log>-<partition>-<offset>".
verify::RecordPlace place_of(const http::Response& response) {
  verify::RecordPlace place{-1, -1};
  const std::string_view tag = header_of(response, "ETag");
  const std::size_t first = tag.find('-');
  const std::size_t second = tag.rfind('-');
  if (first == std::string_view::npos || first == second) return place;
  std::from_chars(tag.data() + first + 1, tag.data() + second, place.partition);
  std::from_chars(tag.data() + second + 1, tag.data() + tag.size() - 1, place.offset);
  return place;
}

Fields json_body() {
  Fields fields;
  fields.emplace_back("Content-Type", "application/json");
  return fields;
}

}  // namespace

Clients::Clients(World& world, Executor executor, std::uint64_t seed)
    : world_(world), random_(seed), domain_(std::move(executor), "clients") {}

Clients::~Clients() = default;

void Clients::start() {
  for (std::size_t number = 1; number <= world_.plan().requests; ++number) {
    ++open_;
    asio::co_spawn(domain_.get_executor(), request(number), asio::detached);
  }
  for (std::size_t number = 1; number <= world_.plan().readers; ++number)
    asio::co_spawn(domain_.get_executor(), read_stream(number), asio::detached);
}

Task<> Clients::request(std::size_t number) {
  co_await sleep_for(world_.clock(), Duration(random_.between(0, world_.plan().span.count())));
  std::string item = fmt::format("dish {}", number);
  const std::size_t kind = random_.below(20);
  if (placed_.empty() || kind < 7) {
    const bool keyed = kind % 3 == 0;
    std::string body = order_body(item);
    if (keyed && random_.chance(0.3)) {  // somebody clicks twice
      ++open_;
      asio::co_spawn(domain_.get_executor(), place_again(item, body), asio::detached);
    }
    co_await place(std::move(item), std::move(body), keyed);
  } else if (kind < 13) {
    co_await change(std::move(item), false);
  } else if (kind < 17) {
    co_await change(std::move(item), true);
  } else if (kind < 19) {
    co_await blunder(std::move(item));
  } else if (!world_.platform().retry_dead_job()) {
    smuggle(item);
  }
  --open_;
}

std::string Clients::order_body(const std::string& item) {
  static constexpr std::array customers = {"Ada", "Grace"};
  return fmt::format(R"({{"customerName":"{}","item":"{}","quantity":{},"price":{}.5}})",
                     customers[random_.below(customers.size())], item, random_.between(1, 3), random_.between(1, 60));
}

Task<> Clients::place_again(std::string item, std::string body) {
  co_await place(std::move(item), std::move(body), true);
  --open_;
}

Task<> Clients::place(std::string item, std::string body, bool keyed) {
  const std::string key = "key-" + item.substr(item.find(' ') + 1);
  for (;;) {
    Fields fields = json_body();
    if (keyed) fields.emplace_back("Idempotency-Key", key);
    Instance* service = world_.order_service(random_);
    const Timestamp begun = world_.clock().now();
    const bool was_placed = keyed && placed_by_key_.contains(key);
    const auto answer = co_await ask(service, http::Method::post, "/api/orders", body, std::move(fields));
    check_wait(world_.clock().now() - begun, item);
    const std::string id = answer ? field_of(*answer, "id") : std::string();
    const Answered answered = take(answer, id, "created", keyed ? std::string() : item);
    if (answered == Answered::written) {
      placed_.push_back(id);
      placed_by_key_.insert(key);
      co_await read_back(*service, verify::Acknowledged(id, "created", place_of(*answer)));
    }
    const bool stopped = answer && answer->status == 422;  // by the fraud check, perhaps for ever
    if (stopped && answer->body.find("idempotency-key-reused") != std::string::npos)
      world_.verifier().add("answers", "the order of " + key + " is not known any more: " + answer->body);
    if (stopped && was_placed && answer->body.find("fraud-alert") != std::string::npos)
      world_.verifier().add("answers", "the order of " + key + " was placed, and is now blocked: " + answer->body);
    if (answered == Answered::written || !keyed || stopped) break;
    co_await sleep_for(world_.clock(), ask_again);
  }
}

Task<> Clients::change(std::string item, bool removal) {
  const std::string id = placed_[random_.below(placed_.size())];
  const std::string body = removal ? std::string() : fmt::format(R"({{"item":"{}"}})", item);
  const http::Method method = removal ? http::Method::delete_ : http::Method::put;
  const std::string action = removal ? "deleted" : "updated";
  Instance* service = world_.order_service(random_);
  const auto answer = co_await ask(service, method, "/api/orders/" + id, body, json_body());
  if (take(answer, id, action, item) == Answered::written)
    co_await read_back(*service, verify::Acknowledged(id, action, place_of(*answer)));
}

void Clients::check_wait(Duration waited, const std::string& item) {
  const auto most = world_.platform().answer_max();
  if (most && waited > *most)
    world_.verifier().add("deadline", fmt::format("who ordered {} has waited for {} us", item, waited.count()));
}

/// Whoever took a write must show it, at once and later, whatever older records it reads meanwhile.
Task<> Clients::read_back(Instance& service, verify::Acknowledged write) {
  for (std::size_t reads = random_.below(4); reads > 0; --reads) {
    const auto answer = co_await ask(&service, http::Method::get, "/api/orders/" + write.order_id, {}, {});
    if (answer && (answer->status == 200 || answer->status == 404)) {
      world_.pull();
      world_.verifier().read(write, answer->status == 200 ? std::optional(place_of(*answer)) : std::nullopt);
    }
    if (reads > 1) co_await sleep_for(world_.clock(), Duration(random_.between(1, 300'000)));
  }
}

/// Another team changes an order of ours, in any partition, with a key or without one.
void Clients::interfere(const std::string& item) {
  static constexpr std::array actions = {"created", "updated", "updated", "deleted"};
  const std::string id = placed_[random_.below(placed_.size())];
  const std::string_view action = actions[random_.below(actions.size())];
  const std::string now(to_iso_millis(world_.clock().now()).view());
  Record record(id, fmt::format(R"({{"action":"{0}","order":{{"id":"{1}","customerName":"Ada","item":"{2}",)"
                                R"("quantity":1,"price":2,"status":"{0}","createdAt":"{3}"}},"timestamp":"{3}"}})",
                                action, id, item, now));
  if (random_.chance(0.2)) test::set_key(record, {});
  // Fraud reads a new order that was logged in the future as of now, which a replay does not know.
  if (action != "created" && random_.chance(0.3)) record.timestamp = world_.clock().now() + std::chrono::hours(1);
  world_.trace()("foreign", "writes {} to orders", *record.value());
  ProducerRecord outgoing("orders", std::move(record));
  outgoing.partition = static_cast<std::int32_t>(random_.below(3));
  world_.platform().produce(std::move(outgoing));
}

/// A record that no service of ours has written: another team's, perhaps dated in the future, or rubbish.
void Clients::smuggle(const std::string& item) {
  if (!placed_.empty() && random_.chance(0.5)) return interfere(item);
  const std::size_t kind = random_.below(4);
  const bool early = kind == 3 && random_.chance(0.5);
  const Timestamp dated = world_.clock().now() + (early ? std::chrono::hours(1) : std::chrono::hours(0));
  const std::string id = "foreign " + item;
  Record record(id, fmt::format(R"({{"action":"created","order":{{"id":"{0}","customerName":"Ada","item":"{1}",)"
                                R"("quantity":1,"price":2,"status":"created","createdAt":"{2}"}},"timestamp":"{2}"}})",
                                id, item, to_iso_millis(dated).view()));
  switch (kind) {
    case 0:
      test::set_value(record, "\xff rubbish");
      break;
    case 1:
      test::set_value(record, {});
      break;
    case 2:
      record = Record({}, "{}");
      break;
    default:
      if (early) record.headers.add(headers::ce_time, to_iso_micros(dated));
      break;
  }
  world_.trace()("foreign", "writes {} to orders", record.value().value_or("no value"));
  world_.platform().produce(ProducerRecord("orders", std::move(record)));
}

/// A request that must be refused.
Task<> Clients::blunder(std::string item) {
  std::string body;
  Fields fields = json_body();
  switch (random_.below(5)) {
    case 0:
      body = fmt::format(R"({{"customerName":"Ada","item":"{}","quantity":0,"price":1}})", item);
      break;
    case 1:
      body = fmt::format(R"({{"customerName":"Ada","item":"{}","quantity":1,"price":1.001}})", item);
      break;
    case 2:
      body = fmt::format(R"({{"customerName":"Ada","item":"{}","quantity":1)", item);
      break;
    case 3:
      body = fmt::format(R"({{"customerName":"Ada","item":"{}","quantity":1,"price":1,"id":"mine"}})", item);
      break;
    default:
      body = order_body(item);
      fields.front().second = "text/plain";
  }
  Instance* service = world_.order_service(random_);
  const auto answer = co_await ask(service, http::Method::post, "/api/orders", std::move(body), std::move(fields));
  if (answer && answer->status == 201)
    world_.verifier().add("refused", "a request that is wrong was taken: " + item);
  else
    take(answer, {}, "created", item);
}

Task<Exchange::Answer> Clients::ask(Instance* service, http::Method method, std::string target, std::string body,
                                    Fields fields) {
  if (!service) {
    world_.trace()("client", "{} {}: no order service", http::to_string(method), target);
    co_return nullptr;
  }
  world_.trace()("client", "{} {} {} to {}", http::to_string(method), target, body, service->id());
  auto exchange = std::make_shared<Exchange>(method, std::move(target), std::move(body), std::move(fields));
  Exchange::Answer answer = co_await service->ask(std::move(exchange));
  if (answer)
    world_.trace()("client", "is answered {} {} {}", answer->status, header_of(*answer, "ETag"), answer->body);
  else
    world_.trace()("client", "gets no answer");
  co_return answer;
}

Clients::Answered Clients::take(const Exchange::Answer& answer, const std::string& order_id, std::string_view action,
                                const std::string& item) {
  if (!answer) return Answered::unknown;
  if (answer->status == 200 || answer->status == 201) {
    world_.pull();
    world_.verifier().acknowledged(verify::Acknowledged(order_id, std::string(action), place_of(*answer)));
    return Answered::written;
  }
  if (answer->status == 500) world_.verifier().add("answers", "a request was answered with " + answer->body);
  if (answer->status == 503 && answer->body.find("outcome-unknown") != std::string::npos) return Answered::unknown;
  world_.pull();
  if (!item.empty()) world_.verifier().refused(item);
  return Answered::refused;
}

// -------------------------------------------------------------------------------------------- event stream

Task<> Clients::read_stream(std::size_t number) {
  co_await sleep_for(world_.clock(), Duration(random_.between(0, world_.plan().span.count())));
  verify::StreamCheck& check = world_.verifier().stream();
  while (!world_.over()) {
    Fields fields;
    if (!check.last_id().empty()) fields.emplace_back("Last-Event-ID", check.last_id());
    Instance* service = world_.order_service(random_);
    const auto answer = co_await ask(service, http::Method::get, "/events", {}, std::move(fields));
    if (answer && answer->stream) {
      check.connect();
      co_await follow(*answer->stream, check);
      world_.trace()("reader", "{} is cut off at {}", number, check.last_id());
    }
    co_await sleep_for(world_.clock(), connect_again);
  }
}

/// Reads until the stream ends, or until the reader goes.
Task<> Clients::follow(http::BodyStream& stream, verify::StreamCheck& check) {
  for (;;) {
    const auto chunks = co_await stream.next();
    if (chunks.empty()) co_return;
    world_.pull();
    for (const http::Chunk& chunk : chunks) {
      std::string id;
      std::string name;
      std::string data;
      std::string_view text = *chunk;
      while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() + 1);
        if (line.starts_with("id: ")) id = line.substr(4);
        if (line.starts_with("event: ")) name = line.substr(7);
        if (line.starts_with("data: ")) data = line.substr(6);
        if (line.empty()) check.event(std::exchange(id, {}), std::exchange(name, {}), std::exchange(data, {}));
      }
    }
    world_.trace()("reader", "has read to {}", check.last_id());
    if (world_.disturbing() && random_.chance(0.05)) break;
    if (world_.disturbing() && random_.chance(0.2))
      co_await sleep_for(world_.clock(), Duration(random_.between(1, 500'000)));
  }
  stream.close();
}

}  // namespace foodorder::simulation
