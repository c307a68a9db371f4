#pragma once

#include "base/fault_domain.hpp"
#include "world.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace foodorder::simulation {

/// Those who order: each request, and each reader of the event stream, is a coroutine of its own. They tell the
/// verifier what they were answered.
class Clients {
 public:
  Clients(World& world, Executor executor, std::uint64_t seed);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  void start();
  /// All requests are answered or given up.
  [[nodiscard]] bool done() const noexcept { return open_ == 0; }

 private:
  enum class Answered { written, refused, unknown };

  Task<> request(std::size_t number);
  Task<> place(std::string item, std::string body, bool keyed);
  Task<> place_again(std::string item, std::string body);
  Task<> change(std::string item, bool removal);
  void interfere(const std::string& item);
  void smuggle(const std::string& item);
  Task<> blunder(std::string item);
  Task<> read_stream(std::size_t number);
  Task<> follow(http::BodyStream& stream, verify::StreamCheck& check);

  Task<Exchange::Answer> ask(Instance* service, http::Method method, std::string target, std::string body,
                             Fields fields);
  void check_wait(Duration waited, const std::string& item);
  Task<> read_back(Instance& service, verify::Acknowledged write);
  Answered take(const Exchange::Answer& answer, const std::string& order_id, std::string_view action,
                const std::string& item);
  std::string order_body(const std::string& item);

  World& world_;
  Random random_;
  FaultDomain domain_;
  std::size_t open_ = 0;
  std::vector<std::string> placed_;      ///< ids of orders that were acknowledged
  std::set<std::string> placed_by_key_;  ///< keys whose orders were
};

}  // namespace foodorder::simulation
