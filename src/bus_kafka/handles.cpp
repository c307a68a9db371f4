#include "handles.hpp"

#include "foodorder/base/log.hpp"

#include <fmt/format.h>
#include <array>
#include <stdexcept>

namespace foodorder::kafka {

namespace {

Handle make_handle(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> why{};
  rd_kafka_t* made = rd_kafka_new(type, conf.get(), why.data(), why.size());
  if (!made) throw std::runtime_error(fmt::format("librdkafka: {}", why.data()));
  static_cast<void>(conf.release());  // the handle owns it now
  rd_kafka_set_log_queue(made, nullptr);
  return Handle(made, [](rd_kafka_t* rk) { rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); });
}

}  // namespace

Handle make_producer_handle(Conf conf) { return make_handle(RD_KAFKA_PRODUCER, std::move(conf)); }

Handle make_reader_handle(Conf conf) { return make_handle(RD_KAFKA_CONSUMER, std::move(conf)); }

Handle make_member_handle(Conf conf) {
  Handle handle = make_handle(RD_KAFKA_CONSUMER, std::move(conf));
  rd_kafka_poll_set_consumer(handle.get());
  return handle;
}

void log_event(rd_kafka_event_t* event) {
  const auto type = rd_kafka_event_type(event);
  if (type == RD_KAFKA_EVENT_LOG) {
    const char* facility = nullptr;
    const char* text = nullptr;
    int level = 0;
    rd_kafka_event_log(event, &facility, &text, &level);
    constexpr int critical = 2;
    log::write(level <= critical ? log::Level::warn : log::Level::debug,
               fmt::format("librdkafka {}: {}", facility, text));
  } else if (type == RD_KAFKA_EVENT_ERROR) {
    const bool fatal = rd_kafka_event_error_is_fatal(event) != 0;
    const auto text = fmt::format("kafka: {}", rd_kafka_event_error_string(event));
    // An error that librdkafka gets over by itself is told once, as the trouble of the bus.
    log::write(fatal ? log::Level::error : log::Level::debug, text);
  }
}

}  // namespace foodorder::kafka
