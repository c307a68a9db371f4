#include "bus_kafka/transactions.hpp"

#include "bus_kafka/wire.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::kafka;
using State = TransactionSpan::State;

namespace {

constexpr std::int16_t transactional = 0x10;
constexpr std::int16_t control = 0x20;

/// A record batch as a broker has it (KIP-98), of `count` records from `first` on.
std::string batch(std::int64_t first, std::int32_t count, std::int16_t attributes, std::int64_t producer,
                  const std::string& records = "") {
  std::string body;
  put<std::int32_t>(body, 0);  // leader's epoch
  put<std::int8_t>(body, 2);   // magic
  put<std::int32_t>(body, 0);  // checksum
  put(body, attributes);
  put<std::int32_t>(body, count - 1);
  put<std::int64_t>(body, 1'000);
  put<std::int64_t>(body, 2'000);
  put(body, producer);
  put<std::int16_t>(body, 3);  // epoch
  put<std::int32_t>(body, 0);
  put(body, count);
  body += records;
  std::string bytes;
  put(bytes, first);
  put(bytes, static_cast<std::int32_t>(body.size()));
  return bytes + body;
}

/// The marker that ends a transaction: a control batch with one record, whose key is a version and a type.
std::string marker(std::int64_t offset, std::int64_t producer, bool commit) {
  std::string record{"\x14\x00\x00\x00\x08", 5};  // length, attributes, time, offset, size of the key
  put<std::int16_t>(record, 0);
  put<std::int16_t>(record, commit ? 1 : 0);
  return batch(offset, 1, transactional | control, producer, record);
}

std::string told(const std::vector<TransactionSpan>& spans) {
  std::string text;
  for (const TransactionSpan& span : spans) {
    text += std::to_string(span.first) + "-" + std::to_string(span.last);
    text += span.state == State::aborted ? " aborted" : span.state == State::committed ? " committed" : " open";
    text += span.marker ? " marker; " : "; ";
  }
  return text;
}

}  // namespace

TEST_CASE("Batches tell which offsets are of a transaction, how it ended, and where its marker is") {
  const std::string records = batch(0, 1, 0, -1) + batch(1, 2, transactional, 7) + batch(3, 1, transactional, 8) +
                              marker(4, 7, false) + marker(5, 8, true) + batch(6, 1, transactional, 7) +
                              marker(7, 7, true) + batch(8, 2, transactional, 9);
  FetchedBatches fetched;
  fetched.records = records;
  fetched.stable_end = 8;
  fetched.aborted.emplace_back(7, 1);
  std::vector<TransactionSpan> spans;
  CHECK(add_transactions(fetched, 0, spans) == 10);
  CHECK(told(spans) ==
        "1-2 aborted; 3-3 committed; 4-4 aborted marker; 5-5 committed marker; 6-6 committed; 7-7 committed marker; "
        "8-9 open; ");
  CHECK(spans.front().producer_id == 7);
  CHECK(spans.front().producer_epoch == 3);
  CHECK(spans[2].timestamp == from_unix_millis(2'000));
}

TEST_CASE("Batches before what was asked for, and one that is not whole, are left out") {
  const std::string whole = batch(0, 2, transactional, 7) + batch(2, 1, transactional, 7);
  const std::string part = batch(3, 5, transactional, 7);
  for (std::size_t size = 0; size < part.size(); ++size) {
    const std::string records = whole + part.substr(0, size);
    FetchedBatches fetched;
    fetched.records = records;
    fetched.stable_end = 100;
    std::vector<TransactionSpan> spans;
    CHECK(add_transactions(fetched, 2, spans) == 3);
    CHECK(told(spans) == "2-2 committed; ");
  }
}

TEST_CASE("No bytes that a broker could send break the reading of batches") {
  std::string records = batch(0, 2, transactional, 7) + marker(2, 7, true);
  for (std::size_t i = 0; i < records.size(); ++i)
    for (const char byte : {'\x00', '\x7f', '\xff'}) {
      std::string broken = records;
      broken[i] = byte;
      FetchedBatches fetched;
      fetched.records = broken;
      std::vector<TransactionSpan> spans;
      add_transactions(fetched, 0, spans);
      CHECK(spans.size() <= 2);
    }
}
