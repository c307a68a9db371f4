#include "foodorder/runtime/event_headers.hpp"
#include "inspected.hpp"

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

namespace {

const std::string redrive = "/api/bus/dlq/redrive";

class Lettered : public Inspected {
 public:
  /// A record of `orders` and the letter that it became.
  Position letter(const std::string& key, std::string_view reason, Headers more = {}) {
    Headers headers{Header("ce_id", "event of " + key), Header("retryCount", "2"), Header("mine", "kept")};
    for (const Header& header : more) headers.add(header);
    const Position origin = put("orders", Record(key, R"({"action":"created"})", headers), 0);
    Headers own{Header("ce_id", "letter of " + key), Header("kafka_dlt-original-topic", "orders"),
                Header("kafka_dlt-original-partition", "0")};
    own.add("kafka_dlt-original-offset", std::to_string(origin.offset));
    own.add("kafka_dlt-exception-message", reason);
    own.add("retryCount", "2");
    return put("orders-dlq",
               Record(key, R"({"action":"created","reason":"r","instanceId":"notification-1"})", std::move(own)));
  }

  json::object sent(const std::string& body) {
    loop.run_for(std::chrono::milliseconds(1));  // so that what is sent now is the last by its time
    return post(redrive, body).as_object();
  }

  Record last(const std::string& query = "stream") {
    const auto all = lines(query);
    const json::object& message = all.at(all.size() - 2);
    const TopicPartition tp("orders", static_cast<std::int32_t>(message.at("partition").as_int64()));
    const auto page = loop.run(bus->admin().read(tp, message.at("offset").as_int64(), {}));
    return *page->value().records.front().record;
  }
};

std::string outcomes(const json::object& answer) {
  std::string text;
  for (const json::value& record : answer.at("records").as_array())
    text += (text.empty() ? "" : ", ") + serialize_json(record.at("offset")) + " " +
            std::string(record.at("outcome").as_string());
  return text;
}

}  // namespace

TEST_CASE("Dead letters are shown by reason, the most frequent first, with where they came from") {
  Lettered lettered;
  lettered.letter("a", "Max retries exceeded");
  lettered.letter("b", "malformed JSON");
  lettered.letter("c", "Max retries exceeded");
  lettered.put("orders-dlq", Record(std::nullopt, "of a stranger"));
  const json::object all = lettered.get("/api/bus/dlq");
  CHECK(all.at("letters").as_int64() == 4);
  const json::array& reasons = all.at("reasons").as_array();
  REQUIRE(reasons.size() == 3);
  CHECK(reasons[0].at("reason").as_string() == "Max retries exceeded");
  CHECK(reasons[0].at("count").as_int64() == 2);
  CHECK(serialize_json(reasons[0].at("letters").at(1).at("from")) == R"({"topic":"orders","partition":0,"offset":2})");
  CHECK(reasons[0].at("letters").at(0).at("by").as_string() == "notification-1");
  CHECK(reasons[2].at("reason").as_string() == "no reason given");
  CHECK(reasons[2].at("letters").at(0).at("from").is_null());
}

TEST_CASE("A redriven record is the original again, without retryCount and with redriveCount, and stays its event") {
  Lettered lettered;
  lettered.letter("a", "r");
  const json::object answer = lettered.sent(R"({"offsets":[0]})");
  CHECK(outcomes(answer) == "0 sent");
  CHECK(answer.at("sent").as_int64() == 1);
  const Record again = lettered.last();
  CHECK(again.key() == "a");
  CHECK(again.value() == R"({"action":"created"})");
  CHECK(find_header(again.headers, "ce_id") == "event of a");
  CHECK(find_header(again.headers, "mine") == "kept");
  CHECK(find_header(again.headers, "redriveCount") == "1");
  CHECK(!find_header(again.headers, "retryCount"));
  CHECK(!find_header(again.headers, "kafka_dlt-original-topic"));
  CHECK(is_retry(again));  // views do not take it for another order
}

TEST_CASE("Where the original is gone, the letter goes without what it has added") {
  Lettered lettered;
  lettered.put("orders-dlq", Record("a", R"({"action":"created","reason":"r","instanceId":"n","order":{}})",
                                    Headers{Header("kafka_dlt-original-topic", "orders"), Header("ce_id", "letter"),
                                            Header("ce_causationid", "event")}));
  lettered.sent(R"({"all":true})");
  const Record again = lettered.last();
  CHECK(again.value() == R"({"action":"created","order":{}})");
  CHECK(find_header(again.headers, "ce_id") == "event");
  CHECK(!find_header(again.headers, "ce_causationid"));
}

TEST_CASE("An edited letter goes with its new value, as a new event; the letter stays as it is") {
  Lettered lettered;
  lettered.letter("a", "malformed JSON");
  const json::object answer = lettered.sent(R"({"offsets":[0],"edits":[{"offset":0,"value":"{\"n\":1}"}]})");
  CHECK(answer.at("records").at(0).at("edited").as_bool());
  const Record again = lettered.last();
  CHECK(again.value() == R"({"n":1})");
  CHECK(!find_header(again.headers, "ce_id"));
  CHECK(find_header(again.headers, "redriveCount") == "1");
  CHECK(!is_retry(again));
}

TEST_CASE("A dry run says where each would go and at which offset, and sends nothing") {
  Lettered lettered;
  lettered.letter("a", "r");
  lettered.letter("a", "r");
  const json::object answer = lettered.sent(R"({"reason":"r","dryRun":true})");
  CHECK(outcomes(answer) == "0 would be sent, 1 would be sent");
  const json::array& records = answer.at("records").as_array();
  CHECK(records[1].at("to").at("offset").as_int64() == records[0].at("to").at("offset").as_int64() + 1);
  CHECK(places(lettered.lines("stream")).size() == 2);
}

TEST_CASE("A letter that came back three times asks again, and goes when it is confirmed") {
  Lettered lettered;
  lettered.letter("a", "r", Headers{Header("redriveCount", "2")});
  lettered.letter("b", "r", Headers{Header("redriveCount", "3")});
  const json::object answer = lettered.sent(R"({"all":true})");
  CHECK(outcomes(answer) == "0 sent, 1 asks again");
  CHECK(answer.at("records").at(1).at("redriveCount").as_int64() == 4);
  CHECK(outcomes(lettered.sent(R"({"offsets":[1],"confirm":[0]})")) == "1 asks again");
  CHECK(outcomes(lettered.sent(R"({"offsets":[1],"confirm":[1]})")) == "1 sent");
  CHECK(find_header(lettered.last().headers, "redriveCount") == "4");
}

TEST_CASE("All letters go once, whoever asks again; by its offset a letter goes twice where that is confirmed") {
  Lettered lettered;
  lettered.letter("a", "r");
  lettered.letter("b", "other");
  lettered.letter("c", "r");
  CHECK(outcomes(lettered.sent(R"({"offsets":[0],"edits":[{"offset":0,"value":"{\"n\":1}"}]})")) == "0 sent");
  CHECK(outcomes(lettered.sent(R"({"reason":"r"})")) == "0 already redriven, 2 sent");
  const json::object dry = lettered.sent(R"({"all":true,"dryRun":true,"confirm":true})");
  CHECK(outcomes(dry) == "0 already redriven, 1 would be sent, 2 already redriven");
  CHECK(dry.at("alreadyRedriven").as_int64() == 2);
  CHECK(dry.at("records").at(0).at("to").at("offset").is_int64());
  lettered.sent(R"({"all":true})");
  const json::object again = lettered.sent(R"({"all":true})");
  CHECK(outcomes(again) == "0 already redriven, 1 already redriven, 2 already redriven");
  CHECK(places(lettered.lines("header=redriveOffset&stream")).size() == 3);
  CHECK(outcomes(lettered.sent(R"({"offsets":[1]})")) == "1 asks again");
  CHECK(outcomes(lettered.sent(R"({"offsets":[1],"confirm":[1]})")) == "1 sent");
}

TEST_CASE("A letter that comes back can be redriven, and names itself") {
  Lettered lettered;
  lettered.letter("a", "r");
  lettered.sent(R"({"all":true})");
  CHECK(find_header(lettered.last().headers, "redriveOffset") == "0");
  lettered.letter("a", "r", Headers{Header("redriveCount", "1"), Header("redriveOffset", "0")});
  CHECK(outcomes(lettered.sent(R"({"all":true})")) == "0 already redriven, 1 sent");
  CHECK(find_header(lettered.last().headers, "redriveOffset") == "1");
  CHECK(find_header(lettered.last().headers, "redriveCount") == "2");
}

TEST_CASE("What was redriven from an earlier orders-dlq does not hold back the letters of this one") {
  Lettered lettered;
  lettered.letter("a", "r");
  lettered.put("orders", Record("b", "v", Headers{Header("redriveCount", "1"), Header("redriveOffset", "1")}), 0);
  lettered.loop.run_for(std::chrono::minutes(1));
  lettered.letter("b", "r");
  CHECK(outcomes(lettered.sent(R"({"all":true})")) == "0 sent, 1 sent");
}

TEST_CASE("Letters that cannot go are told one by one, and the others go") {
  Lettered lettered;
  lettered.letter("a", "r");
  lettered.put("orders-dlq", Record("b", "from nowhere"));
  lettered.put("orders-dlq", Record("c", "v", Headers{Header("kafka_dlt-original-topic", "gone")}));
  const json::object answer = lettered.sent(R"({"offsets":[0,1,2,99]})");
  CHECK(outcomes(answer) == "0 sent, 1 not sent, 2 not sent, 99 not sent");
  CHECK(answer.at("records").at(2).at("why").as_string() == "there is no topic gone");
  CHECK(answer.at("notSent").as_int64() == 3);
}

TEST_CASE("One request takes a thousand letters and says where the next one goes on") {
  Lettered lettered;
  for (int i = 0; i < 1'003; ++i) lettered.letter("k", "r");
  const json::object first = lettered.sent(R"({"all":true,"dryRun":true})");
  CHECK(first.at("sent").as_int64() == 1'000);
  CHECK(first.at("next").as_int64() == 1'000);
  const json::object second = lettered.sent(R"({"all":true,"dryRun":true,"after":1000})");
  CHECK(outcomes(second) == "1000 would be sent, 1001 would be sent, 1002 would be sent");
  CHECK(second.at("next").is_null());
}

TEST_CASE("What is wrong with a redrive is named") {
  Lettered lettered;
  for (const char* bad :
       {R"({})", R"({"all":true,"reason":"r"})", R"({"all":false})", R"({"offsets":[]})", R"({"offsets":["0"]})",
        R"({"offsets":[-1]})", R"({"reason":3})", R"({"offsets":[0],"after":1})", R"({"all":true,"dryRun":1})",
        R"({"all":true,"confirm":"yes"})", R"({"all":true,"edits":[{"offset":0}]})", R"({"all":true,"edit":1})"}) {
    INFO(bad);
    CHECK(lettered.ask(Method::post, redrive, "", bad).status == 422);
  }
}
