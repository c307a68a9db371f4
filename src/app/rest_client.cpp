#include "rest_client.hpp"

#include "config/config.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>

namespace foodorder::app {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;

constexpr int answer_max_seconds = 30;
constexpr std::uint64_t body_max_bytes = 256U << 20U;

/// `</api/orders?after=x>; rel="next"` gives `/api/orders?after=x`.
std::string next_of(std::string_view link) {
  if (link.find("rel=\"next\"") == std::string_view::npos) return {};
  const std::size_t open = link.find('<');
  const std::size_t close = link.find('>');
  return open < close && close != std::string_view::npos ? std::string(link.substr(open + 1, close - open - 1)) : "";
}

/// ": " and why, where a body that is no good answer says so: `detail` of a problem, `reason` of /readyz.
std::string reason_of(const std::string& body) {
  const auto parsed = parse_json(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  for (const char* name : {"detail", "reason"})
    if (const json::value* reason = object ? object->if_contains(name) : nullptr; reason && reason->is_string())
      return ": " + std::string(std::string_view(reason->get_string()));
  return "";
}

}  // namespace

struct RestClient::Connection {
  asio::io_context context;
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
};

RestClient::RestClient(const std::string& url) {
  const auto parsed = parse_base_url(url);
  if (!parsed) throw std::runtime_error(fmt::format("--url must be http://host:port, not {}", url));
  host_ = parsed->host;
  port_ = parsed->port;
  connection_ = std::make_unique<Connection>();
  boost::system::error_code error;
  const auto endpoints = Tcp::resolver(connection_->context).resolve(host_, port_, error);
  if (!error) connection_->stream.connect(endpoints, error);
  if (error) throw OutOfReach(fmt::format("{} is not in reach: {}", url, error.message()));
  const timeval limit{answer_max_seconds, 0};
  ::setsockopt(connection_->stream.socket().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

RestClient::~RestClient() = default;

RestClient::Page RestClient::get(const std::string& target) {
  beast::http::request<beast::http::empty_body> request(beast::http::verb::get, target, 11);
  const bool is_v6 = host_.find(':') != std::string::npos;
  request.set(beast::http::field::host, fmt::format("{}:{}", is_v6 ? "[" + host_ + "]" : host_, port_));
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(body_max_bytes);
  boost::system::error_code error;
  beast::http::write(connection_->stream, request, error);
  if (!error) beast::http::read(connection_->stream, connection_->buffer, parser, error);
  if (error) throw OutOfReach(fmt::format("GET {} got no answer: {}", target, error.message()));
  const auto& answer = parser.get();
  if (answer.result() != beast::http::status::ok)
    throw std::runtime_error(
        fmt::format("GET {} was answered with {}{}", target, answer.result_int(), reason_of(answer.body())));
  auto body = parse_json(answer.body());
  if (!body) throw std::runtime_error(fmt::format("GET {} was not answered with JSON", target));
  const auto link = answer[beast::http::field::link];
  return Page{std::move(*body), next_of(std::string_view(link.data(), link.size()))};
}

}  // namespace foodorder::app
