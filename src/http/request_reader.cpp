#include "request_reader.hpp"

#include "foodorder/http/problems.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <optional>

namespace foodorder::http {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::field;

namespace {

constexpr std::size_t first_capacity = 4096;
constexpr std::size_t room_min = 1024;        // a read is offered at least so much
constexpr std::size_t fields_max = 100;       // header fields of one request
constexpr std::size_t last_chunk_min = 5;     // "0\r\n\r\n"
constexpr std::size_t body_kept_max = 16384;  // an idle connection keeps buffers of at most so much
constexpr std::size_t buffer_kept_max = 8192;

std::string_view to_std(beast::string_view text) noexcept { return {text.data(), text.size()}; }

bool to_method(beast::http::verb verb, Method& method) noexcept {
  switch (verb) {
    case beast::http::verb::get:
      method = Method::get;
      return true;
    case beast::http::verb::head:
      method = Method::head;
      return true;
    case beast::http::verb::post:
      method = Method::post;
      return true;
    case beast::http::verb::put:
      method = Method::put;
      return true;
    case beast::http::verb::patch:
      method = Method::patch;
      return true;
    case beast::http::verb::delete_:
      method = Method::delete_;
      return true;
    case beast::http::verb::options:
      method = Method::options;
      return true;
    default:
      return false;
  }
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

/// Beast's push parser for one request. The views it keeps point into the reader's bytes; rebase() moves them.
class RequestReader::Parser final : public beast::http::basic_parser<true> {
 public:
  Parser(Message& message, std::string& body, RequestReader& reader)
      : message_(message), body_(body), reader_(reader), body_max_(reader.limits_.body_bytes) {
    header_limit(static_cast<std::uint32_t>(reader.limits_.header_bytes));
    body_limit(boost::none);  // by on_header_impl(), which knows whose body it is
    message_.request.fields.clear();
    message_.request.path_parameters.clear();
    message_.request.body = {};
    message_.host = message_.origin = {};
    message_.has_origin = false;
    body_.clear();
  }

  /// The `size` bytes at `from` are now at `to`.
  void rebase(const char* from, std::size_t size, const char* to) noexcept {
    const auto move = [&](std::string_view& view) {
      const bool inside = view.data() >= from && view.data() <= from + size;
      if (inside) view = std::string_view(to + (view.data() - from), view.size());
    };
    move(message_.request.path);
    move(message_.request.query_string);
    move(message_.host);
    move(message_.origin);
    for (auto& [name, value] : message_.request.fields) {
      move(name);
      move(value);
    }
  }

  /// The bytes that the views point into.
  void set_input(const char* begin, const char* end) noexcept {
    input_begin_ = begin;
    input_end_ = end;
  }

  [[nodiscard]] std::size_t body_max() const noexcept { return body_max_; }

  bool expects_continue = false;

 private:
  void refuse(Refusal refusal, error_code& error) {
    reader_.refusal_ = std::move(refusal);
    error = beast::http::error::bad_value;
  }
  void refuse(int status, std::string detail, error_code& error) { refuse(Refusal(status, std::move(detail)), error); }

  void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view target, int version,
                       error_code& error) override {
    message_.method_known = to_method(verb, message_.request.method);
    message_.http_1_0 = version == 10;
    std::string_view path = to_std(target);
    if (path.front() != '/' && !(path == "*" && verb == beast::http::verb::options)) {
      constexpr std::string_view scheme = "http://";
      if (!equal_ignoring_case(path.substr(0, scheme.size()), scheme)) return refuse(400, "bad request target", error);
      path.remove_prefix(scheme.size());
      const std::size_t authority = std::min(path.find_first_of("/?"), path.size());
      message_.host = path.substr(0, authority);
      absolute_ = true;
      path.remove_prefix(authority);
      if (path.empty() || path.front() != '/') return refuse(400, "the request target has no path", error);
    }
    const std::size_t question = std::min(path.find('?'), path.size());
    message_.request.path = path.substr(0, question);
    message_.request.query_string = path.substr(std::min(question + 1, path.size()));
    if (path.find('#') != std::string_view::npos) refuse(400, "a fragment in the request target", error);
  }

  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  void on_field_impl(field name, beast::string_view name_text, beast::string_view value_text,
                     error_code& error) override {
    if (++fields_ > fields_max) return refuse(431, "more than 100 header fields", error);
    if (header_done_) return;  // trailers are counted and forgotten
    const std::string_view value = to_std(value_text);
    if (is_folded(to_std(name_text), value)) return refuse(400, "a folded header field", error);
    message_.request.fields.emplace_back(to_std(name_text), value);
    if (name == field::host) {
      if (++hosts_ > 1) return refuse(400, "more than one Host field", error);
      if (!absolute_) message_.host = value;
    } else if (name == field::content_length) {
      if (++lengths_ > 1) return refuse(400, "more than one Content-Length field", error);
      if (!all_digits(value)) return refuse(400, "Content-Length is not a number", error);
    } else if (name == field::transfer_encoding) {
      ++codings_;
      if (!equal_ignoring_case(value, "chunked"))
        return refuse(400, "only the transfer coding chunked is known", error);
    } else if (name == field::origin) {
      if (message_.has_origin) return refuse(400, "more than one Origin field", error);
      message_.origin = value;
      message_.has_origin = true;
    } else if (name == field::expect) {
      if (!equal_ignoring_case(value, "100-continue")) return refuse(417, "only 100-continue can be expected", error);
      expects_continue = !message_.http_1_0;
    }
  }

  // Boost 1.86 and later ask for trailers by this name; earlier ones never call it.
  void on_trailer_field_impl(field name, beast::string_view name_text, beast::string_view value, error_code& error) {
    on_field_impl(name, name_text, value, error);
  }

  void on_header_impl(error_code& error) override {
    header_done_ = true;
    message_.keep_alive = keep_alive();
    message_.has_host = hosts_ > 0 || absolute_;
    if (hosts_ == 0 && !message_.http_1_0) return refuse(400, "no Host field", error);
    if (codings_ > 0 && lengths_ > 0) return refuse(400, "both Transfer-Encoding and Content-Length", error);
    if (codings_ > 0 && message_.http_1_0) return refuse(400, "Transfer-Encoding in an HTTP/1.0 request", error);
    limit_body(error);
  }

  /// A body over the usual limit needs a route that takes it, a client that the route answers, and room.
  void limit_body(error_code& error) {
    const auto length = content_length();
    const bool large = length && *length > body_max_;
    if (reader_.rule_ && (large || codings_ > 0)) {
      BodyAllowance allowance = reader_.rule_(message_);
      if (allowance.refused && large) return refuse(Refusal(std::move(*allowance.refused)), error);
      body_max_ = std::max(body_max_, allowance.max_bytes);
    }
    if (length && *length > body_max_) {
      error = beast::http::error::body_limit;
    } else if (large) {
      take_room(static_cast<std::size_t>(*length), error);
    }
    body_limit(body_max_);  // of chunks
  }

  void take_room(std::size_t bytes, error_code& error) {
    if (!reader_.share_.taken() && !reader_.share_.take(bytes))
      refuse(Refusal(unavailable("", "the server takes in as many large bodies as it can; try again")), error);
  }

  /// RFC 9112, 5.2. Beast puts a folded value together elsewhere, or finds it in the line after its name.
  bool is_folded(std::string_view name, std::string_view value) const noexcept {
    if (value.data() < input_begin_ || value.data() > input_end_) return true;
    const char* const name_end = name.data() + name.size();
    return std::find(name_end, value.data(), '\n') != value.data();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    length_ = length ? static_cast<std::size_t>(*length) : 0;
  }

  std::size_t on_body_impl(beast::string_view part, error_code&) override {
    if (body_.empty() && part.size() == length_) {
      message_.request.body = to_std(part);  // all of it is in the buffer: no copy
    } else {
      body_.reserve(length_);
      append(part);
    }
    return part.size();
  }

  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part, error_code& error) override {
    if (body_.size() + part.size() > reader_.limits_.body_bytes) take_room(body_max_, error);
    if (error) return 0;
    append(part);
    return part.size();
  }

  void on_finish_impl(error_code&) override {}

  void append(beast::string_view part) {
    body_.append(part.data(), part.size());
    message_.request.body = body_;
  }

  Message& message_;
  std::string& body_;
  RequestReader& reader_;
  std::size_t body_max_;
  const char* input_begin_ = nullptr;
  const char* input_end_ = nullptr;
  std::size_t fields_ = 0;
  std::size_t hosts_ = 0;
  std::size_t lengths_ = 0;
  std::size_t codings_ = 0;
  std::size_t length_ = 0;
  bool absolute_ = false;
  bool header_done_ = false;
};

struct RequestReader::Body {
  Message message;
  std::string text;
  std::optional<Parser> parser;
};

RequestReader::RequestReader(const ServerLimits& limits, LargeBodyRule rule, std::shared_ptr<BodyBudget> budget)
    : limits_(limits), rule_(std::move(rule)), share_(std::move(budget)), body_(std::make_unique<Body>()) {}

RequestReader::~RequestReader() = default;

Message& RequestReader::message() noexcept { return body_->message; }
Refusal& RequestReader::refusal() noexcept { return refusal_; }
bool RequestReader::idle() const noexcept { return !body_->parser && position_ == end_; }
bool RequestReader::more_arrived() const noexcept { return position_ < end_; }

bool RequestReader::take_expectation() noexcept {
  if (header_end_ == 0 || !body_->parser || !body_->parser->expects_continue) return false;
  body_->parser->expects_continue = false;
  return position_ == end_ && body_wire_bytes_ == 0;
}

asio::mutable_buffer RequestReader::prepare() {
  make_room();
  return {bytes_.get() + end_, capacity_ - end_};
}

void RequestReader::commit(std::size_t bytes) noexcept { end_ += bytes; }

void RequestReader::make_room() {
  if (capacity_ - end_ >= room_min) return;
  if (header_end_ != 0) move_unread_to(header_end_);  // parsed body bytes have been copied out
  drop_answered();
  if (capacity_ - end_ < room_min) grow(std::max(first_capacity, capacity_ * 2));
}

/// Moves the current request to the front, over those before it.
void RequestReader::drop_answered() noexcept {
  const std::size_t shift = begin_;
  if (shift == 0) return;
  std::memmove(bytes_.get(), bytes_.get() + shift, end_ - shift);
  if (body_->parser) body_->parser->rebase(bytes_.get() + shift, end_ - shift, bytes_.get());
  begin_ = 0;
  position_ -= shift;
  end_ -= shift;
  if (header_end_ != 0) header_end_ -= shift;
}

void RequestReader::move_unread_to(std::size_t place) noexcept {
  std::memmove(bytes_.get() + place, bytes_.get() + position_, end_ - position_);
  end_ -= position_ - place;
  position_ = place;
}

void RequestReader::grow(std::size_t capacity) {
  std::unique_ptr<char[]> larger(new char[capacity]);  // not zeroed, unlike make_unique
  if (end_ > 0) std::memcpy(larger.get(), bytes_.get(), end_);
  if (body_->parser) body_->parser->rebase(bytes_.get(), end_, larger.get());
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

RequestReader::State RequestReader::refuse(int status, std::string detail) {
  if (refusal_.status == 0) refusal_ = Refusal(status, std::move(detail));
  return State::refused;
}

/// Whether the current request may still become one. `stalled`: all that has arrived is of this request.
bool RequestReader::within_limits(bool stalled) {
  if (header_end_ == 0) return !stalled || end_ - begin_ <= limits_.header_bytes;
  // Chunks of one byte cost six on the wire: what framing may cost is bounded as well, so tiny chunks are refused.
  if (body_wire_bytes_ > 2 * body_->parser->body_max() + first_capacity) return false;
  return !stalled || end_ - position_ <= std::max(limits_.header_bytes, first_capacity);
}

/// Boost.Beast 1.81 asserts that it has five bytes when it comes back to a last chunk. There are never fewer left of a
/// chunked body that is not complete, so nothing is delayed by waiting for them.
bool RequestReader::awaits_last_chunk() const noexcept {
  return header_end_ != 0 && body_->parser->chunked() && end_ - position_ < last_chunk_min && bytes_[position_] == '0';
}

RequestReader::State RequestReader::parse() {
  if (!body_->parser) {
    // RFC 9112, 2.2: empty lines before a request are ignored.
    while (end_ - position_ >= 2 && bytes_[position_] == '\r' && bytes_[position_ + 1] == '\n') position_ += 2;
    begin_ = position_;
    if (position_ == end_) begin_ = position_ = end_ = 0;
    if (position_ == end_ || (end_ - position_ == 1 && bytes_[position_] == '\r')) return State::need_more;
    body_->parser.emplace(body_->message, body_->text, *this);
  }
  Parser& parser = *body_->parser;
  while (position_ < end_ && !awaits_last_chunk()) {
    error_code error;
    parser.set_input(bytes_.get(), bytes_.get() + end_);
    const std::size_t used = parser.put(asio::const_buffer(bytes_.get() + position_, end_ - position_), error);
    position_ += used;
    const bool stalled = error == beast::http::error::need_more;
    if (header_end_ != 0) body_wire_bytes_ += used;
    if (header_end_ == 0 && parser.is_header_done()) {
      header_end_ = position_;
      if (position_ - begin_ > limits_.header_bytes) return refuse(431, "the header is too large");
    }
    if (error == beast::http::error::body_limit) return refuse(413, "the body is too large");
    if (error == beast::http::error::header_limit) return refuse(431, "the header is too large");
    if (error && !stalled) return refuse(400, "malformed request: " + error.message());
    if (parser.is_done()) return State::complete;
    if (!within_limits(stalled))
      return header_end_ == 0 ? refuse(431, "the header is too large")
                              : refuse(413, "the body, with its chunks' framing, is too large");
    if (stalled) break;
  }
  return State::need_more;
}

void RequestReader::next() {
  body_->parser.reset();
  if (body_->text.capacity() > body_kept_max) std::string().swap(body_->text);
  share_.give_back();
  header_end_ = body_wire_bytes_ = 0;
  begin_ = position_;
  if (position_ < end_) return;
  begin_ = position_ = end_ = 0;
  if (capacity_ > buffer_kept_max) {
    bytes_.reset();
    capacity_ = 0;
  }
}

}  // namespace foodorder::http
