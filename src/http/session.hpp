#pragma once

#include "request_reader.hpp"
#include "server_state.hpp"

#include <array>
#include <span>

namespace foodorder::http {

/// One connection: reads requests one after the other, has them answered and writes the answers. Its coroutine
/// owns it.
class Session final : public std::enable_shared_from_this<Session>, public Connection {
 public:
  enum class Purpose { serve, refuse };

  Session(Socket socket, std::shared_ptr<ServerState> server, Purpose purpose);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Starts the coroutine.
  void start();
  void drain() override;
  void check_deadline(Ticks now) override;
  void close() noexcept override;

 private:
  enum class Phase { idle, reading, handling, writing, streaming, lingering };
  enum class Sent { all, blocked, failed };

  static Task<> run(std::shared_ptr<Session> self);
  Task<> serve();
  Task<> turn_away();
  Task<bool> read_more();
  Task<bool> respond();
  Task<Response> call(const Handler& handler, Request& request);
  Task<bool> send(const Response& response, bool with_body, bool keep_alive);
  Task<bool> stream(bool chunked);
  Task<bool> pump(bool chunked);
  Task<> linger();

  bool append_head(const Response& response, const Framing& framing);
  void gather_body(const std::vector<Chunk>& chunks, bool chunked);
  void watch_client();
  void deadline_in(Duration duration) { deadline_ = server_->ticks_after(duration); }
  void no_deadline() noexcept { deadline_ = never; }

  /// Sends what gather_ holds, as far as the socket takes it at once.
  Sent send_now();
  Task<bool> send_rest();

  const std::shared_ptr<ServerState> server_;
  Socket socket_;
  const std::shared_ptr<RequestReader> reader_;  ///< shared with handlers that run on after a cut-off
  const Purpose purpose_;
  Phase phase_ = Phase::idle;
  /// The deadline has passed. Asked besides the error: an operation that was already done cannot be cancelled.
  bool expired_ = false;
  bool client_gone_ = false;
  Ticks deadline_ = never;
  std::string out_;                         ///< head, and body if it is small; reused
  std::vector<asio::const_buffer> gather_;  ///< what is to be written; reused
  std::unique_ptr<BodyStream> stream_;
  std::array<char, 16> watched_;  ///< where the bytes of a client that should be silent go
  std::array<char, 24> chunk_size_;
};

}  // namespace foodorder::http
