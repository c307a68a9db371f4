#include "join_watch.hpp"

#include "foodorder/base/log.hpp"

#include <fmt/format.h>
#include <utility>

namespace foodorder::kafka {

namespace {

bool passes_by_itself(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED:
      return true;
    default:
      return false;
  }
}

std::string reason_of(rd_kafka_resp_err_t error, const char* text, Duration session_timeout) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return "its members divide the partitions by another strategy than range and roundrobin, which are on offer "
             "here; "
             "stop them, or have them offer one of these";
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return "the broker denies it: this user needs the permission READ on the group";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "the broker denies it: this user needs the permissions READ and DESCRIBE on the topic";
    case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
      return "it has as many members as the broker's group.max.size allows";
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return fmt::format(
          "the session timeout of {} ms is not between the broker's group.min.session.timeout.ms and "
          "group.max.session.timeout.ms",
          std::chrono::duration_cast<std::chrono::milliseconds>(session_timeout).count());
    default:
      return text && *text ? text : rd_kafka_err2str(error);
  }
}

}  // namespace

JoinWatch::JoinWatch(const ConsumerSpec& spec)
    : client_id_(spec.client_id), group_(spec.group.value_or("")), session_timeout_(spec.session_timeout) {}

void JoinWatch::asks(Timestamp now) {
  if (!asking_since_) asking_since_ = now;
}

void JoinWatch::joined() {
  asking_since_.reset();
  if (std::exchange(trouble_, std::nullopt)) log::warn("{}: is a member of {} now", client_id_, group_);
}

void JoinWatch::failed(rd_kafka_resp_err_t error, const char* text) {
  if (passes_by_itself(error)) return;
  tell(fmt::format("{} cannot join {}: {}", client_id_, group_, reason_of(error, text, session_timeout_)));
}

void JoinWatch::look(Timestamp now, bool bus_in_reach) {
  if (!asking_since_ || trouble_) return;
  if (!bus_in_reach)
    asking_since_ = now;  // the bus says so itself
  else if (now - *asking_since_ >= silent_max)
    tell(
        fmt::format("{} waits for its place in {} since {} s: the group's coordinator is not available, or another "
                    "member holds up a rebalance",
                    client_id_, group_, std::chrono::duration_cast<std::chrono::seconds>(silent_max).count()));
}

void JoinWatch::tell(std::string why) {
  if (trouble_ == why) return;
  log::error("{}; trying again until it works", why);
  trouble_ = std::move(why);
}

}  // namespace foodorder::kafka
