#include "blocking_loop.hpp"

#include <csignal>

namespace foodorder::app {

namespace {

Task<bool> asleep(Clock& clock, Duration time) {
  co_await sleep_for(clock, time);
  co_return true;
}

}  // namespace

void BlockingLoop::pause(Duration time) { wait(asleep(*clock_, time)); }

void BlockingLoop::catch_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) signals_.add(signal);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    interrupted_ = true;
    context_.stop();
  });
}

bool BlockingLoop::interrupted() {
  context_.restart();
  context_.poll();
  return interrupted_;
}

}  // namespace foodorder::app
