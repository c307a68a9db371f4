#pragma once

#include "foodorder/http/http.hpp"
#include "http/server.hpp"
#include "large_body.hpp"

#include <boost/asio/buffer.hpp>
#include <functional>
#include <memory>

namespace foodorder::http {

/// A request as it stood on the wire, with what the server itself must know of it.
struct Message {
  Request request;            ///< `method` only if `method_known`
  bool method_known = false;  ///< false for TRACE, CONNECT and inventions
  std::string_view host;      ///< the authority of an absolute target, or else the Host field
  bool has_host = false;      ///< false only in HTTP/1.0
  std::string_view origin;
  bool has_origin = false;
  bool http_1_0 = false;
  bool keep_alive = false;
};

/// Why a request cannot be taken; the connection ends with this answer.
struct Refusal {
  Refusal() = default;
  Refusal(int code, std::string text) : status(code), detail(std::move(text)) {}
  explicit Refusal(Response whole) : status(whole.status), answer(std::move(whole)) {}
  int status = 0;
  std::string detail;
  std::optional<Response> answer;  ///< instead of a problem of `status` and `detail`
};

/// Decides about a body that is larger than the usual limit, by a message whose header is complete.
using LargeBodyRule = std::function<BodyAllowance(Message&)>;

/// Turns one connection's bytes into requests, one after the other and within the limits (RFC 9112). No I/O.
/// Stricter than Beast's parser, which does the work: what two parsers could read differently is refused.
class RequestReader final {
 public:
  enum class State { need_more, complete, refused };

  /// Without a rule, no body is larger than the usual limit. `rule` is called by parse() only.
  explicit RequestReader(const ServerLimits& limits, LargeBodyRule rule = {}, std::shared_ptr<BodyBudget> budget = {});
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Where the next bytes go, never empty; after parse() has said need_more.
  asio::mutable_buffer prepare();
  void commit(std::size_t bytes) noexcept;

  /// Reads on in what has been committed.
  State parse();

  /// Nothing of a next request has arrived.
  [[nodiscard]] bool idle() const noexcept;
  /// Once a request: its header is complete, it asks for `100 Continue`, and its body has not begun to arrive.
  [[nodiscard]] bool take_expectation() noexcept;
  /// Bytes have arrived after the request.
  [[nodiscard]] bool more_arrived() const noexcept;

  /// Valid after `complete`, until next(): the views point into the reader.
  [[nodiscard]] Message& message() noexcept;
  [[nodiscard]] Refusal& refusal() noexcept;
  /// Forgets the complete request and begins the next one.
  void next();

 private:
  class Parser;
  struct Body;

  void make_room();
  void drop_answered() noexcept;
  void move_unread_to(std::size_t place) noexcept;
  void grow(std::size_t capacity);
  State refuse(int status, std::string detail);
  bool within_limits(bool stalled);
  [[nodiscard]] bool awaits_last_chunk() const noexcept;

  const ServerLimits limits_;
  const LargeBodyRule rule_;
  BodyShare share_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;       ///< of the current request
  std::size_t position_ = 0;    ///< parsed up to here
  std::size_t end_ = 0;         ///< received up to here
  std::size_t header_end_ = 0;  ///< 0: not known yet
  std::size_t body_wire_bytes_ = 0;
  std::unique_ptr<Body> body_;
  Refusal refusal_;
};

}  // namespace foodorder::http
