#include "log_sizes.hpp"

#include "offsets.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/endian/conversion.hpp>
#include <chrono>
#include <string>

namespace foodorder::kafka {

namespace {

using Sizes = std::map<TopicPartition, std::int64_t>;

template <class T>
void put(std::string& bytes, T value) {
  boost::endian::native_to_big_inplace(value);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// DescribeLogDirs, version 1, of all topics: length, header (key, version, correlation, no client id), no topics.
std::string request() {
  constexpr std::int16_t describe_log_dirs = 35;
  std::string body;
  put<std::int16_t>(body, describe_log_dirs);
  put<std::int16_t>(body, 1);
  put<std::int32_t>(body, 0);
  put<std::int16_t>(body, -1);
  put<std::int32_t>(body, -1);
  std::string framed;
  put(framed, static_cast<std::int32_t>(body.size()));
  return framed + body;
}

/// Reads Kafka's primitive types; after the end of the bytes, zeros.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value{};
    const std::string_view taken = take(sizeof value);
    if (taken.size() == sizeof value) std::copy_n(taken.data(), sizeof value, reinterpret_cast<char*>(&value));
    return boost::endian::big_to_native(value);
  }
  std::string text() {
    const auto size = number<std::int16_t>();
    return std::string(take(size < 0 ? 0 : static_cast<std::size_t>(size)));
  }
  [[nodiscard]] bool more() const noexcept { return !bytes_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view bytes_;
};

void read_partitions(Reader& reader, const std::string& topic, Sizes& sizes) {
  for (auto left = reader.number<std::int32_t>(); left > 0 && reader.more(); --left) {
    const auto partition = reader.number<std::int32_t>();
    const auto size = reader.number<std::int64_t>();
    reader.number<std::int64_t>();  // how far a replica that moves is behind
    const bool moves = reader.number<std::int8_t>() != 0;
    std::int64_t& largest = sizes[TopicPartition(topic, partition)];
    if (!moves) largest = std::max(largest, size);
  }
}

void read_answer(std::string_view bytes, Sizes& sizes) {
  Reader reader(bytes);
  reader.number<std::int32_t>();  // correlation
  reader.number<std::int32_t>();  // throttle time
  for (auto directories = reader.number<std::int32_t>(); directories > 0 && reader.more(); --directories) {
    reader.number<std::int16_t>();  // error: then without topics
    reader.text();
    for (auto topics = reader.number<std::int32_t>(); topics > 0 && reader.more(); --topics) {
      const std::string topic = reader.text();
      read_partitions(reader, topic, sizes);
    }
  }
}

void ask(const std::string& host, int port, Sizes& sizes) {
  constexpr std::int32_t answer_bytes_max = 16 << 20;
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::milliseconds(call_timeout_ms));
  stream.connect(host, std::to_string(port));
  stream << request() << std::flush;
  std::string head(sizeof(std::int32_t), '\0');
  if (!stream.read(head.data(), static_cast<std::streamsize>(head.size()))) return;
  const auto length = Reader(head).number<std::int32_t>();
  if (length <= 0 || length > answer_bytes_max) return;
  std::string answer(static_cast<std::size_t>(length), '\0');
  if (stream.read(answer.data(), length)) read_answer(answer, sizes);
}

}  // namespace

std::map<TopicPartition, std::int64_t> log_sizes(rd_kafka_t* rk) {
  Sizes sizes;
  const struct rd_kafka_metadata* answer = nullptr;
  const auto error = rd_kafka_metadata(rk, 0, nullptr, &answer, call_timeout_ms);
  const Metadata metadata(answer);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return sizes;
  for (int i = 0; i < metadata->broker_cnt; ++i) ask(metadata->brokers[i].host, metadata->brokers[i].port, sizes);
  return sizes;
}

}  // namespace foodorder::kafka
