#include "messages.hpp"

#include "foodorder/domain/json.hpp"

#include <fmt/compile.h>
#include <iterator>

namespace foodorder::notification {

std::string audit_body(std::string_view action, std::string_view order_id, std::string_view instance_id,
                       std::int64_t retry_count, Timestamp now) {
  std::string body;
  body.reserve(240);
  const auto out = std::back_inserter(body);
  fmt::format_to(out, FMT_COMPILE(R"({{"source":"notification-service","action":"{}","orderId":)"), action);
  write_json_string(body, order_id);
  body += R"(,"instanceId":)";
  write_json_string(body, instance_id);
  fmt::format_to(out, FMT_COMPILE(R"(,"retryCount":{},"timestamp":"{}"}})"), retry_count, to_iso_millis(now));
  return body;
}

std::string dead_letter_body(const OrderEvent& event, std::string_view reason, std::string_view instance_id,
                             Timestamp now) {
  std::string body = fmt::format(FMT_COMPILE(R"({{"action":"{}","order":)"), to_string(event.action));
  write_json(body, event.order);
  body += R"(,"reason":)";
  write_json_string(body, reason);
  body += R"(,"instanceId":)";
  write_json_string(body, instance_id);
  fmt::format_to(std::back_inserter(body), FMT_COMPILE(R"(,"timestamp":"{}"}})"), to_iso_millis(now));
  return body;
}

}  // namespace foodorder::notification
