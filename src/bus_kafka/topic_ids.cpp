#include "topic_ids.hpp"

#include "foodorder/base/ids.hpp"
#include "offsets.hpp"
#include "wire.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::int16_t metadata_key = 3;
constexpr std::int16_t metadata_version = 10;

/// Key, version, correlation, no client id.
std::string request_header(std::int16_t key, std::int16_t version) {
  std::string bytes;
  put(bytes, key);
  put(bytes, version);
  put<std::int32_t>(bytes, 0);
  put<std::int16_t>(bytes, -1);
  return bytes;
}

/// No tags, all topics, none is to be made, no authorized operations wanted, no tags.
std::string metadata_request() { return request_header(metadata_key, metadata_version) + std::string(6, '\0'); }

/// A broker that does not know a version closes the connection, and so does one that ends: this tells them apart.
bool is_too_old(const std::string& host, int port) {
  constexpr std::int16_t api_versions_key = 18;
  const auto answer = exchange(host, port, request_header(api_versions_key, 0));
  if (!answer) return false;
  WireReader reader(*answer);
  reader.number<std::int32_t>();  // correlation
  reader.number<std::int16_t>();  // error
  for (auto left = reader.number<std::int32_t>(); left > 0 && reader.more(); --left) {
    const auto key = reader.number<std::int16_t>();
    reader.number<std::int16_t>();  // the oldest version
    const auto newest = reader.number<std::int16_t>();
    if (key == metadata_key) return newest < metadata_version;
  }
  return false;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(byte));
  return text;
}

void skip_numbers(WireReader& reader) { reader.take(reader.compact_size() * sizeof(std::int32_t)); }

void skip_partitions(WireReader& reader) {
  for (auto left = reader.compact_size(); left > 0 && reader.more(); --left) {
    reader.take(sizeof(std::int16_t) + 3 * sizeof(std::int32_t));  // error, partition, leader, its epoch
    skip_numbers(reader);                                          // replicas
    skip_numbers(reader);                                          // in-sync replicas
    skip_numbers(reader);                                          // offline replicas
    reader.skip_tags();
  }
}

TopicIds read_answer(std::string_view bytes) {
  WireReader reader(bytes);
  reader.number<std::int32_t>();  // correlation
  reader.skip_tags();
  reader.number<std::int32_t>();  // throttle time
  for (auto brokers = reader.compact_size(); brokers > 0 && reader.more(); --brokers) {
    reader.number<std::int32_t>();
    reader.compact_text();
    reader.number<std::int32_t>();
    reader.compact_text();
    reader.skip_tags();
  }
  reader.compact_text();          // cluster
  reader.number<std::int32_t>();  // controller
  TopicIds ids;
  for (auto topics = reader.compact_size(); topics > 0 && reader.more(); --topics) {
    const auto error = reader.number<std::int16_t>();
    const std::string_view name = reader.compact_text();
    const std::string_view id = reader.take(id_bytes);
    reader.number<std::int8_t>();  // internal
    skip_partitions(reader);
    reader.number<std::int32_t>();  // authorized operations
    reader.skip_tags();
    const bool known = id.size() == id_bytes && id.find_first_not_of('\0') != std::string_view::npos;
    if (error == 0 && known) ids.emplace(name, to_hex(id));
  }
  return ids;
}

}  // namespace

Result<TopicIds> topic_ids(rd_kafka_t* rk) {
  const Metadata metadata = brokers_of(rk);
  for (int i = 0; metadata && i < metadata->broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata->brokers[i];
    if (const auto answer = exchange(broker.host, broker.port, metadata_request())) return read_answer(*answer);
    if (is_too_old(broker.host, broker.port)) return TopicIds();
  }
  return Error(Errc::unavailable, "no broker has given the ids of its topics");
}

Result<std::string> log_id(rd_kafka_t* rk, const std::vector<std::string>& topics, bool with_ids) {
  char* cluster = rd_kafka_clusterid(rk, call_timeout_ms);
  if (!cluster) return Error(Errc::unavailable, "the broker did not tell the cluster's id");
  std::string text = cluster;
  rd_kafka_mem_free(rk, cluster);
  if (!with_ids) return text;
  const auto ids = topic_ids(rk);
  if (!ids) return ids.error();
  std::string all;
  for (const std::string& topic : topics)
    if (const auto found = ids->find(topic); found != ids->end()) all += fmt::format("{}={};", topic, found->second);
  return all.empty() ? text : fmt::format("{}-{:016x}", text, stable_hash(all));
}

}  // namespace foodorder::kafka
