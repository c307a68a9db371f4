#include "session.hpp"

#include "dispatch.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/base/yield.hpp"
#include "foodorder/http/conditions.hpp"
#include "foodorder/http/problems.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

namespace foodorder::http {

namespace {

using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::deferred);
constexpr std::size_t copied_body_max = 16 * 1024;  // a larger body is written from where it is
constexpr std::size_t out_kept_max = 64 * 1024;
constexpr std::size_t linger_bytes_max = 5 << 20;  // more than any route takes, so that its clients see the refusal
constexpr Duration linger_timeout = std::chrono::seconds(2);

}  // namespace

Session::Session(Socket socket, std::shared_ptr<ServerState> server, Purpose purpose)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      reader_(std::make_shared<RequestReader>(
          server_->spec.limits, [server = server_.get()](Message& message) { return allow_body(*server, message); },
          server_->large_bodies)),
      purpose_(purpose) {
  server_->add(*this);
  if (purpose_ == Purpose::refuse) {
    ++server_->refusals;
    ++server_->stats.connections_refused;
  } else {
    ++server_->stats.connections_open;
    ++server_->stats.connections_total;
  }
}

Session::~Session() {
  unlink();
  if (phase_ == Phase::streaming) --server_->stats.streams_open;
  server_->remove(purpose_ == Purpose::refuse);
}

void Session::start() {
  asio::co_spawn(server_->domain.get_executor(), run(shared_from_this()), [](const std::exception_ptr& failure) {
    if (failure) log::error("http: a connection ended with an exception that is no std::exception");
  });
}

void Session::drain() {
  if (phase_ == Phase::idle || phase_ == Phase::lingering) close();
  if (stream_) stream_->close();
}

void Session::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

void Session::check_deadline(Ticks now) {
  if (now < deadline_) return;
  expired_ = true;
  no_deadline();
  error_code ignored;
  socket_.cancel(ignored);
}

Task<> Session::run(std::shared_ptr<Session> self) {
  try {
    if (self->purpose_ == Purpose::refuse) {
      co_await self->turn_away();
    } else {
      co_await self->serve();
    }
  } catch (const std::exception& failure) {
    log::error("http: a connection failed: {}", failure.what());
  }
  self->close();
}

Task<> Session::serve() {
  for (;;) {
    const RequestReader::State state = reader_->parse();
    bool go_on = true;
    if (state == RequestReader::State::complete) {
      go_on = co_await respond();
      // Requests that one client has sent at once take turns with those of the others.
      if (go_on && reader_->more_arrived()) co_await next_pass();
    } else if (state == RequestReader::State::need_more) {
      go_on = co_await read_more();
    } else {
      ++server_->stats.requests_total;
      Refusal& refusal = reader_->refusal();
      const Response answer = refusal.answer ? std::move(*refusal.answer) : problem(refusal.status, refusal.detail);
      const bool sent = co_await send(answer, true, false);
      if (sent) co_await linger();
      go_on = false;
    }
    if (!go_on) co_return;
  }
}

/// False if the connection is to end.
Task<bool> Session::read_more() {
  const ServerLimits& limits = server_->spec.limits;
  if (reader_->idle()) {
    if (server_->draining) co_return false;
    phase_ = Phase::idle;
    deadline_in(limits.idle_timeout);
  } else if (phase_ != Phase::reading) {
    phase_ = Phase::reading;  // the deadline holds until the last byte: trickling does not move it
    deadline_in(limits.request_timeout);
  }
  if (reader_->take_expectation()) {
    static constexpr std::string_view go_ahead = "HTTP/1.1 100 Continue\r\n\r\n";
    gather_.assign(1, asio::buffer(go_ahead.data(), go_ahead.size()));
    const Sent sent = send_now();
    bool ok = sent == Sent::all;
    if (sent == Sent::blocked) ok = co_await send_rest();
    if (!ok) co_return false;
  }
  const auto [error, bytes] = co_await socket_.async_read_some(reader_->prepare(), as_result);
  if (!error && !expired_) {
    reader_->commit(bytes);
    co_return true;
  }
  if (expired_ && phase_ == Phase::reading) {
    expired_ = false;
    const Response answer = problem(408, "the request did not arrive in time");
    const bool sent = co_await send(answer, true, false);
    if (sent) co_await linger();
  }
  co_return false;
}

Task<Response> Session::call(const Handler& handler, Request& request) {
  std::string failed;
  try {
    co_return co_await handler(request);
  } catch (const std::exception& failure) {
    failed = failure.what();
  }
  log::error("http: {} {} failed: {}", to_string(request.method), shortened(request.path), failed);
  co_return problem(500, "the server failed to answer; its log has the reason");
}

/// True if the connection takes another request.
Task<bool> Session::respond() {
  Message& message = reader_->message();
  message.request.owner = reader_;
  ++server_->stats.requests_total;
  phase_ = Phase::handling;
  no_deadline();
  Response response;
  if (const Handler* const handler = dispatch(*server_, message, response)) {
    response = co_await call(*handler, message.request);
    apply_conditions(message.request, response);
  }
  server_->guard.add_cors(message, response);
  const bool keep_alive = message.keep_alive && !server_->draining;
  const bool head_only = message.method_known && message.request.method == Method::head;
  if (response.stream && !head_only && server_->stats.streams_open >= server_->spec.limits.streams()) {
    response = problem(503, "too many streams are open");
    retry_after(response, 5);
  }
  if (response.stream && !head_only) {
    const Framing framing{message.http_1_0, false, !message.http_1_0};
    if (append_head(response, framing)) {
      stream_ = std::move(response.stream);
      ++server_->stats.streams_open;
      phase_ = Phase::streaming;
      co_return co_await stream(framing.chunked);
    }
    response = problem(500, "the server failed to answer; its log has the reason");
  }
  const bool sent = co_await send(response, !head_only, keep_alive);
  const bool go_on = sent && keep_alive;
  const bool unread = reader_->more_arrived();
  if (sent && !keep_alive && unread) co_await linger();
  reader_->next();
  co_return go_on;
}

bool Session::append_head(const Response& response, const Framing& framing) {
  out_.clear();
  if (server_->writer.append_head(out_, response, framing)) {
    server_->count_response(response.status);
    return true;
  }
  log::error("http: a handler gave a response that cannot be sent: status {}", response.status);
  return false;
}

Task<bool> Session::send(const Response& response, bool with_body, bool keep_alive) {
  phase_ = Phase::writing;
  const Framing framing{reader_->message().http_1_0, keep_alive, false};
  if (!append_head(response, framing)) {
    const Response replacement = problem(500, "the server failed to answer; its log has the reason");
    co_return co_await send(replacement, with_body, keep_alive);
  }
  const bool body = with_body && may_have_body(response.status) && !response.content_type.empty() && !response.stream;
  gather_.clear();
  if (body && response.body.size() <= copied_body_max) out_.append(response.body);
  gather_.push_back(asio::buffer(out_));
  if (body && response.body.size() > copied_body_max) gather_.push_back(asio::buffer(response.body));
  const Sent now = send_now();
  bool ok = now == Sent::all;
  if (now == Sent::blocked) ok = co_await send_rest();
  if (out_.capacity() > out_kept_max) std::string().swap(out_);
  co_return ok;
}

Session::Sent Session::send_now() {
  std::size_t first = 0;
  while (first < gather_.size()) {
    error_code error;
    const std::span<const asio::const_buffer> rest(gather_.data() + first, gather_.size() - first);
    // A single buffer takes send(), which is cheaper than sendmsg().
    std::size_t sent = rest.size() == 1 ? socket_.write_some(rest.front(), error) : socket_.write_some(rest, error);
    if (error == asio::error::would_block) {
      gather_.erase(gather_.begin(), gather_.begin() + static_cast<std::ptrdiff_t>(first));
      return Sent::blocked;
    }
    if (error) return Sent::failed;
    while (first < gather_.size() && sent >= gather_[first].size()) sent -= gather_[first++].size();
    if (first < gather_.size()) gather_[first] += sent;
  }
  return Sent::all;
}

Task<bool> Session::send_rest() {
  const Ticks before = deadline_;
  deadline_in(server_->spec.limits.write_timeout);
  const std::span<const asio::const_buffer> rest(gather_);
  const auto [error, bytes] = co_await asio::async_write(socket_, rest, as_result);
  deadline_ = before;
  co_return !error && bytes > 0 && !expired_;
}

/// Always false: a stream is the last answer of its connection.
Task<bool> Session::stream(bool chunked) {
  gather_.assign(1, asio::buffer(out_));
  const Sent now = send_now();
  bool ok = now == Sent::all;
  if (now == Sent::blocked) ok = co_await send_rest();
  if (ok) {
    watch_client();
    if (server_->draining) stream_->close();
    ok = co_await pump(chunked);
  }
  if (ok && chunked && !client_gone_) {
    static constexpr std::string_view last_chunk = "0\r\n\r\n";
    gather_.assign(1, asio::buffer(last_chunk.data(), last_chunk.size()));
    const Sent end = send_now();
    if (end == Sent::blocked) co_await send_rest();
  }
  stream_->close();
  stream_.reset();
  co_return false;
}

/// True if the stream ended by itself.
Task<bool> Session::pump(bool chunked) {
  while (!client_gone_) {
    const std::vector<Chunk> chunks = co_await stream_->next();  // lives until it is written
    if (chunks.empty()) co_return true;
    gather_body(chunks, chunked);
    const Sent now = send_now();
    bool ok = now == Sent::all;
    if (now == Sent::blocked) ok = co_await send_rest();
    if (!ok) co_return false;
  }
  co_return false;
}

/// One chunk of the wire for all chunks of the stream that are ready; their bytes are not copied.
void Session::gather_body(const std::vector<Chunk>& chunks, bool chunked) {
  std::size_t size = 0;
  gather_.clear();
  if (chunked) gather_.emplace_back();
  for (const Chunk& chunk : chunks) {
    if (chunk->empty()) continue;
    gather_.push_back(asio::buffer(*chunk));
    size += chunk->size();
  }
  if (!chunked) return;
  if (size == 0) return gather_.clear();  // a chunk of size 0 would be the end
  char* end = std::to_chars(chunk_size_.data(), chunk_size_.data() + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  gather_.front() = asio::buffer(chunk_size_.data(), static_cast<std::size_t>(end - chunk_size_.data()));
  gather_.push_back(asio::buffer("\r\n", 2));
}

/// A client of a stream has nothing more to say: anything that arrives, the end above all, means that it has gone.
void Session::watch_client() {
  socket_.async_read_some(asio::buffer(watched_), [weak = weak_from_this()](error_code, std::size_t) {
    const auto self = weak.lock();
    if (!self) return;
    self->client_gone_ = true;
    if (self->stream_) self->stream_->close();
  });
}

Task<> Session::turn_away() {
  Response answer = problem(503, "too many connections");
  retry_after(answer);
  const bool sent = co_await send(answer, true, false);
  if (sent) co_await linger();
}

/// RFC 9112, 9.6: closing with unread bytes would reset the connection, and the client might never see the answer.
Task<> Session::linger() {
  phase_ = Phase::lingering;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  deadline_in(std::min(linger_timeout, server_->spec.limits.request_timeout));
  std::string discarded(4096, '\0');
  for (std::size_t left = linger_bytes_max; left > 0;) {
    const auto [error, bytes] = co_await socket_.async_read_some(asio::buffer(discarded), as_result);
    if (error || expired_) co_return;
    left -= std::min(left, bytes);
  }
}

}  // namespace foodorder::http
