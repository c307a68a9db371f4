#include "measure.hpp"

#include "foodorder/domain/order.hpp"
#include "support/virtual_clock.hpp"

#include <fmt/format.h>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace foodorder::bench {

namespace {

std::int64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

void CpuTimer::start() { started_ns_ = thread_cpu_ns(); }
void CpuTimer::stop() { total_ns_ += thread_cpu_ns() - started_ns_; }

OrderRecords::OrderRecords()
    : clock_(std::make_unique<VirtualClock>()), ids_(make_seeded_ids(1)), events_(*clock_, *ids_, "order-service") {}

Record OrderRecords::make() {
  ++count_;
  OrderEvent event;
  event.timestamp = clock_->now();
  event.order.id = ids_->uuid();
  event.order.customer_name = fmt::format("Customer {}", count_ % 5000);
  event.order.item = "Margherita";
  event.order.quantity = count_ % 4 + 1;
  event.order.price_cents = 300 + count_ % 3000;
  event.order.status = "created";
  event.order.created_at = event.timestamp;
  return events_.originate("order.created", event.order.id, to_json(event));
}

std::string created_event(std::string_view order) {
  return fmt::format(R"({{"action":"created","order":{},"timestamp":"2026-02-05T13:11:17.406Z"}})", order);
}

void print_round(std::string_view row, double measured, double floor) {
  fmt::print("{} {:.9g} {:.9g}\n", row, measured, floor);
  std::fflush(stdout);
}

std::size_t argument(int count, char** arguments, std::string_view name, std::size_t otherwise) {
  for (int i = 1; i + 1 < count; ++i) {
    if (name != arguments[i]) continue;
    const std::string_view text = arguments[i + 1];
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      throw std::invalid_argument(fmt::format("{} takes a whole number, not {}", name, text));
    return value;
  }
  return otherwise;
}

}  // namespace foodorder::bench
