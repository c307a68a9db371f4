#include "messages.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/domain/json.hpp"

namespace foodorder::notification {

std::string audit_body(std::string_view action, std::string_view order_id, std::string_view instance_id,
                       std::int64_t retry_count, Timestamp now) {
  std::string body;
  body.reserve(240);
  append(body, R"({"source":"notification-service","action":")", action, R"(","orderId":)");
  write_json_string(body, order_id);
  body += R"(,"instanceId":)";
  write_json_string(body, instance_id);
  append(body, R"(,"retryCount":)", fmt::format_int(retry_count), R"(,"timestamp":")", to_iso_millis(now), R"("})");
  return body;
}

std::string dead_letter_body(const OrderEvent& event, std::string_view reason, std::string_view instance_id,
                             Timestamp now) {
  std::string body = concat(R"({"action":")", to_string(event.action), R"(","order":)");
  write_json(body, event.order);
  body += R"(,"reason":)";
  write_json_string(body, reason);
  body += R"(,"instanceId":)";
  write_json_string(body, instance_id);
  append(body, R"(,"timestamp":")", to_iso_millis(now), R"("})");
  return body;
}

}  // namespace foodorder::notification
