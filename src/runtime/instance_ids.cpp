#include "instance_ids.hpp"

#include <fmt/format.h>

namespace foodorder {

InstanceIds::InstanceIds(Clock& clock, const Supervisor& supervisor, InstanceDirectory& directory, StatusBoard& board,
                         std::string process)
    : clock_(clock), supervisor_(supervisor), directory_(directory), board_(board), process_(std::move(process)) {}

std::string InstanceIds::why_taken(std::string_view instance) const {
  if (supervisor_.has(instance)) return fmt::format("{} is running already", instance);
  const auto claim = claims_.find(instance);
  if (claim != claims_.end() && !claim->second.expired()) return fmt::format("{} is being started", instance);
  const std::string owner = directory_.owner(instance);
  return owner.empty() || owner == process_ ? "" : fmt::format("{} is alive in another process, {}", instance, owner);
}

Task<std::string> InstanceIds::next_free(std::string kind) {
  for (int number = 1;; ++number) {
    const std::string id = fmt::format("{}-{}", kind, number);
    co_await directory_.wait_until_sure(id);
    if (why_taken(id).empty()) co_return id;
  }
}

Task<Result<std::string>> InstanceIds::take(std::string kind, std::string wanted, std::shared_ptr<Claim>& claim) {
  InstanceStatus first_sign;
  first_sign.kind = kind;
  first_sign.state = InstanceState::starting;
  while (!stopping_) {
    std::string id = wanted;
    if (wanted.empty())
      id = co_await next_free(kind);
    else
      co_await directory_.wait_until_sure(id);
    if (stopping_) break;
    if (std::string why = why_taken(id); !why.empty()) co_return Error(Errc::invalid_argument, std::move(why));
    std::erase_if(claims_, [](const auto& entry) { return entry.second.expired(); });
    claims_.emplace(id, claim);
    first_sign.instance = id;
    first_sign.since = clock_.now();
    const auto sent = co_await board_.announce(first_sign);
    if (!sent) co_return sent.error();
    co_await directory_.wait_until_read(*sent);
    if (directory_.owner(id) == process_) co_return id;
    claims_.erase(id);
  }
  co_return Error(Errc::closed, "this process ends");
}

}  // namespace foodorder
