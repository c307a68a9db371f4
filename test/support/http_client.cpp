#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace foodorder::test {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::string HttpResponse::header(std::string_view name) const {
  for (const auto& [field, value] : fields)
    if (same_name(field, name)) return value;
  return {};
}

HttpClient::HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval timeout{10, 0};
  const int yes = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string reason = std::strerror(errno);
    ::close(socket_);
    throw std::runtime_error("cannot connect: " + reason);
  }
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) ::close(socket_);
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ended_(other.ended_), received_(std::move(other.received_)) {}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void HttpClient::shutdown_send() { ::shutdown(socket_, SHUT_WR); }

bool HttpClient::fill() {
  std::array<char, 65536> buffer;
  const ssize_t got = ended_ ? 0 : ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno == ECONNRESET)) ended_ = true;
  return got > 0;
}

std::optional<std::string> HttpClient::take(std::size_t size) {
  while (received_.size() < size)
    if (!fill()) return {};
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

std::optional<std::string> HttpClient::read_until(std::string_view text) {
  std::size_t found = received_.find(text);
  while (found == std::string::npos) {
    if (!fill()) return {};
    found = received_.find(text);
  }
  return take(found + text.size());
}

std::optional<std::string> HttpClient::read_to_end() {
  while (fill()) {
  }
  if (!ended_) return {};
  return std::exchange(received_, {});
}

std::optional<HttpResponse> HttpClient::read_head() {
  const auto head = read_until("\r\n\r\n");
  if (!head || head->size() < 13 || head->compare(0, 7, "HTTP/1.") != 0) return {};
  HttpResponse response;
  response.status = std::stoi(head->substr(9, 3));
  for (std::size_t line = head->find("\r\n") + 2; line + 2 < head->size();) {
    const std::size_t end = head->find("\r\n", line);
    const std::size_t colon = head->find(": ", line);
    if (colon == std::string::npos || colon > end) return {};
    response.fields.emplace_back(head->substr(line, colon - line), head->substr(colon + 2, end - colon - 2));
    line = end + 2;
  }
  return response;
}

std::optional<HttpResponse> HttpClient::read(bool head) {
  auto response = read_head();
  while (response && response->status < 200) response = read_head();
  if (!response || head || response->status == 204 || response->status == 304) return response;
  std::optional<std::string> body;
  if (same_name(response->header("Transfer-Encoding"), "chunked")) {
    for (;;) {
      const auto size = read_until("\r\n");
      if (!size) return {};
      const auto chunk = take(std::stoul(*size, nullptr, 16) + 2);
      if (!chunk) return {};
      if (chunk->size() == 2) return response;
      response->body.append(*chunk, 0, chunk->size() - 2);
    }
  }
  const std::string length = response->header("Content-Length");
  body = length.empty() ? read_to_end() : take(std::stoul(length));
  if (!body) return {};
  response->body = *std::move(body);
  return response;
}

std::optional<HttpResponse> HttpClient::request(std::string_view method, std::string_view target, std::string_view body,
                                                std::string_view more_fields) {
  std::string bytes(method);
  bytes.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(more_fields);
  if (!body.empty())
    bytes.append("Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
  bytes.append("\r\n").append(body);
  if (!send(bytes)) return {};
  return read(method == "HEAD");
}

}  // namespace foodorder::test
