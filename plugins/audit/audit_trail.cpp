#include "audit_trail.hpp"

namespace foodorder::audit {

bool is_complete(const EventHead& event) noexcept { return event.source && event.action && event.order_id; }

void Counts::add(const EventHead& event) {
  const bool nameable = event.source->size() <= name_max_bytes && event.action->size() <= name_max_bytes;
  const std::string kind = nameable ? *event.source + ' ' + *event.action : "other";
  const auto known = counts_.find(kind);
  if (known != counts_.end())
    ++known->second;
  else
    ++counts_[counts_.size() < kinds_max ? kind : std::string("other")];
}

}  // namespace foodorder::audit
