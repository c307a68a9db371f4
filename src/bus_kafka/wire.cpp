#include "wire.hpp"

#include "offsets.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <chrono>

namespace foodorder::kafka {

std::optional<std::string> exchange(const std::string& host, int port, std::string_view request) {
  constexpr std::int32_t answer_bytes_max = 16 << 20;
  std::string length_first;
  put(length_first, static_cast<std::int32_t>(request.size()));
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::milliseconds(call_timeout_ms));
  stream.connect(host, std::to_string(port));
  stream << length_first << request << std::flush;
  std::string head(sizeof(std::int32_t), '\0');
  if (!stream.read(head.data(), static_cast<std::streamsize>(head.size()))) return {};
  const auto length = WireReader(head).number<std::int32_t>();
  if (length <= 0 || length > answer_bytes_max) return {};
  std::string answer(static_cast<std::size_t>(length), '\0');
  if (!stream.read(answer.data(), length)) return {};
  return answer;
}

Metadata brokers_of(rd_kafka_t* rk) {
  const struct rd_kafka_metadata* answer = nullptr;
  const auto error = rd_kafka_metadata(rk, 0, nullptr, &answer, call_timeout_ms);
  Metadata metadata(answer);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? std::move(metadata) : Metadata();
}

}  // namespace foodorder::kafka
