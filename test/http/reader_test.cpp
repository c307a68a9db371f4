#include "request_reader.hpp"
#include "support/catch.hpp"

#include <cstring>

using namespace foodorder;
using namespace foodorder::http;

namespace {

/// What a reader makes of bytes that arrive in the pieces that `arrivals` gives: the bodies of the requests, or the
/// status of the refusal that ends them.
class Reading {
 public:
  explicit Reading(const ServerLimits& limits = {}) : reader_(limits) {}

  void arrive(std::string_view bytes) {
    while (!bytes.empty() && refusal_ == 0) {
      const asio::mutable_buffer room = reader_.prepare();
      const std::size_t size = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), size);
      reader_.commit(size);
      bytes.remove_prefix(size);
      take_requests();
    }
  }

  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }
  [[nodiscard]] int refusal() const { return refusal_; }

 private:
  void take_requests() {
    for (;;) {
      const RequestReader::State state = reader_.parse();
      if (state == RequestReader::State::need_more) return;
      if (state == RequestReader::State::refused) {
        refusal_ = reader_.refusal().status;
        return;
      }
      const Request& request = reader_.message().request;
      requests_.push_back(std::string(request.path) + "|" + std::string(request.header("X-Number").value_or("")) + "|" +
                          std::string(request.body));
      reader_.next();
    }
  }

  RequestReader reader_;
  std::vector<std::string> requests_;
  int refusal_ = 0;
};

std::string post(int number, std::size_t body_bytes) {
  return "POST /p HTTP/1.1\r\nHost: localhost\r\nX-Number: " + std::to_string(number) +
         "\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n" + std::string(body_bytes, 'b');
}

std::string get(int number) {
  return "GET /g HTTP/1.1\r\nHost: localhost\r\nX-Number: " + std::to_string(number) + "\r\n\r\n";
}

std::string chunked(int number) {
  return "POST /c HTTP/1.1\r\nHost: localhost\r\nX-Number: " + std::to_string(number) +
         "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0;z\r\nT: 1\r\n\r\n";
}

const std::string empty_chunked = "POST /e HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

}  // namespace

TEST_CASE("Limits count one request, whatever follows it in the same buffer") {
  Reading posts;
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes += post(i, 700);
  posts.arrive(bytes);
  CHECK(posts.refusal() == 0);
  REQUIRE(posts.requests().size() == 500);
  CHECK(posts.requests().back() == "/p|499|" + std::string(700, 'b'));

  Reading mixed;
  bytes.clear();
  for (int i = 0; i < 100; ++i)
    bytes += get(i) + post(i, i % 3 == 0 ? 60'000U : 1U) + chunked(i) + empty_chunked + post(i, 0);
  mixed.arrive(bytes);
  CHECK(mixed.refusal() == 0);
  REQUIRE(mixed.requests().size() == 500);
  CHECK(mixed.requests()[497] == "/c|99|abcde");
}

TEST_CASE("A header just below its limit is read with requests before and behind it") {
  ServerLimits limits;
  limits.header_bytes = 2000;
  const std::string start = "GET /h HTTP/1.1\r\nHost: localhost\r\nX-Padding: ";
  const std::string fits = start + std::string(limits.header_bytes - start.size() - 4, 'p') + "\r\n\r\n";
  const std::string over = start + std::string(limits.header_bytes - start.size() - 3, 'p') + "\r\n\r\n";
  Reading reading(limits);
  reading.arrive(post(1, 3000) + fits + post(2, 3000) + fits + over + get(3));
  CHECK(reading.requests().size() == 4);
  CHECK(reading.refusal() == 431);
}

TEST_CASE("A request that is too large is refused after those before it, and nothing is read behind it") {
  Reading reading;
  reading.arrive(get(1) + post(2, 10) + "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n" +
                 get(3));
  CHECK(reading.requests() == std::vector<std::string>{"/g|1|", "/p|2|bbbbbbbbbb"});
  CHECK(reading.refusal() == 413);
}

TEST_CASE("A request may be cut at any two places, pipelined ones as well") {
  for (const std::string& bytes : {chunked(1), empty_chunked + empty_chunked, chunked(1) + get(2) + empty_chunked}) {
    Reading whole;
    whole.arrive(bytes);
    REQUIRE(whole.refusal() == 0);
    for (std::size_t first = 0; first <= bytes.size(); ++first) {
      for (std::size_t second = first; second <= bytes.size(); ++second) {
        Reading cut;
        cut.arrive(std::string_view(bytes).substr(0, first));
        cut.arrive(std::string_view(bytes).substr(first, second - first));
        cut.arrive(std::string_view(bytes).substr(second));
        if (cut.requests() == whole.requests()) continue;
        INFO("cut at " << first << " and " << second << " of " << bytes);
        REQUIRE(cut.requests() == whole.requests());
      }
    }
  }
}

TEST_CASE("A chunked request may arrive byte by byte, from its first chunk to its last") {
  Reading reading;
  for (const char byte : empty_chunked + chunked(1) + empty_chunked) reading.arrive({&byte, 1});
  CHECK(reading.requests() == std::vector<std::string>{"/e||", "/c|1|abcde", "/e||"});
}

TEST_CASE("A malformed chunk is refused as soon as it can be known") {
  for (const char* chunk : {"z\r\n", "-1\r\n", " 0\r\n\r\n", "0 x\r\n\r\n", "0\r\nbad trailer\r\n\r\n", "g"}) {
    INFO(chunk);
    Reading reading;
    reading.arrive("POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    reading.arrive(chunk);
    const bool complete = std::string_view(chunk).find('\n') != std::string_view::npos;
    CHECK(reading.refusal() == (complete ? 400 : 0));
  }
}
