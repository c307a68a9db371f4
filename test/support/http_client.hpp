#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foodorder::test {

/// A response as it came, its body put together from its chunks.
struct HttpResponse {
  /// The first field of that name, any case; empty if there is none.
  [[nodiscard]] std::string header(std::string_view name) const;

  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

/// A small blocking client on a raw socket: sends bytes as they are given, reads responses one after the other.
/// Meant for tests; an answer that does not come within ten seconds is none. For a server on another thread.
class HttpClient final {
 public:
  /// Connects to 127.0.0.1. Throws std::runtime_error if it cannot.
  explicit HttpClient(std::uint16_t port);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// False if the server has closed the connection.
  bool send(std::string_view bytes);
  /// Closes our half: the server reads an end of stream.
  void shutdown_send();

  /// The next response that is not 1xx; nothing if the connection ended before it was complete. `head`: the
  /// response to HEAD, which has no body.
  std::optional<HttpResponse> read(bool head = false);
  /// The next status line and fields only, 1xx included.
  std::optional<HttpResponse> read_head();
  /// Reads until `text` has arrived, and gives all up to its end; nothing if the connection ends first.
  std::optional<std::string> read_until(std::string_view text);
  /// All bytes until the server closes; nothing if it did not within ten seconds.
  std::optional<std::string> read_to_end();

  /// One request with Host and, if it has a body, Content-Length and application/json; and its response.
  std::optional<HttpResponse> request(std::string_view method, std::string_view target, std::string_view body = {},
                                      std::string_view more_fields = {});

 private:
  bool fill();
  std::optional<std::string> take(std::size_t size);

  int socket_ = -1;
  bool ended_ = false;
  std::string received_;
};

}  // namespace foodorder::test
