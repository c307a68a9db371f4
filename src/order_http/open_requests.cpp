#include "open_requests.hpp"

namespace foodorder::order {

Task<> OpenRequests::finish(Clock& clock, Duration limit) {
  const Timestamp deadline = clock.now() + limit;
  while (state_->open > 0 && clock.now() < deadline) co_await state_->ended.wait_until(clock, deadline);
}

}  // namespace foodorder::order
