#pragma once

#include "foodorder/base/task.hpp"
#include "foodorder/base/text_buffer.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a handler sees of HTTP. No Beast here: modules compile fast, and handlers can be called as functions.

namespace foodorder::http {

enum class Method { get, head, post, put, patch, delete_, options };

/// "GET", "HEAD", ...
std::string_view to_string(Method method) noexcept;

/// A request, read whole and within its limits. The views live until the handler's response is complete or the server
/// has cut off its connection.
struct Request {
  /// The first field of that name, any case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
  /// A query parameter, percent-decoded; the last one if it repeats.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// The text that `{name}` of the route's pattern matched, percent-decoded.
  [[nodiscard]] std::string_view path_parameter(std::string_view name) const noexcept;

  Method method = Method::get;
  std::string_view path;          ///< without the query, not decoded
  std::string_view query_string;  ///< after the '?', not decoded
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  std::string_view body;
  std::vector<std::pair<std::string_view, std::string>> path_parameters;
  /// What holds this request and all that its views show, where a server made it. Who goes on with a request in another
  /// fault domain than the server's locks it until the handler has ended: the server may cut off the connection before.
  std::weak_ptr<const void> owner;
};

/// The text before the next separator of a field's list, trimmed; `rest` goes on behind it.
std::string_view take_part(std::string_view& rest, char separator) noexcept;

/// A Content-Type of `application/json`, in any case, without a charset other than UTF-8.
bool is_json_content_type(std::string_view field) noexcept;

/// A text that lives as long as somebody holds it.
using Chunk = std::shared_ptr<const std::string_view>;

/// Of a text that owns its bytes.
template <class Text>
  requires std::same_as<Text, std::string> || std::same_as<Text, TextBuffer>
Chunk make_chunk(Text text) {
  struct Kept {
    explicit Kept(Text what) : text(std::move(what)), view(text) {}

    const Text text;
    const std::string_view view;
  };
  const auto kept = std::make_shared<const Kept>(std::move(text));
  return Chunk(kept, &kept->view);
}

/// A response body without a known end, such as server-sent events. Chunks are shared between clients.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// The next chunks, all that are ready at once, for a single write. Empty: the stream has ended (or this
  /// client was too slow) and the connection is closed. One call at a time.
  virtual Task<std::vector<Chunk>> next() = 0;
  /// The client has gone, or the server stops: wakes a waiting next(), which then gives nothing.
  virtual void close() = 0;
};

struct Response {
  Response() = default;
  Response(int code, std::string type, std::string text)
      : status(code), content_type(std::move(type)), body(std::move(text)) {}

  int status = 200;
  std::string content_type;  ///< empty: no body and no Content-Type
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::unique_ptr<BodyStream> stream;  ///< set: `body` is not used
};

/// 200 (or another status) with application/json.
Response json_response(std::string body, int status = 200);

using Handler = std::function<Task<Response>(Request&)>;

/// Who may call a route. `control` needs the token once the server is bound to more than loopback. `probe` answers
/// under any Host, and in HTTP/1.0 without one: what asks for the health of a process knows its address only.
enum class Access { open, control, probe };

struct Route {
  Route(Method the_method, std::string the_pattern, Handler the_handler, Access who = Access::open)
      : method(the_method), pattern(std::move(the_pattern)), handler(std::move(the_handler)), access(who) {}

  Method method;
  std::string pattern;  ///< "/api/orders/{id}"; a `{name}` matches one segment that is not empty
  Handler handler;
  Access access;
  /// Of a control route: what it changes has an entity tag, and its handler evaluates If-Match and If-None-Match. The
  /// server answers them for the others.
  bool judges_conditions = false;
  /// What a body may have where that is more than the server's own limit, in bytes. Only those whom the route would
  /// answer may send more than the server's limit, and all such bodies of a server share a budget.
  std::size_t body_max_bytes = 0;
};

}  // namespace foodorder::http
