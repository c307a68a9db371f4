#include "audit_trail.hpp"

namespace foodorder::audit {

bool is_complete(const EventHead& event) noexcept { return event.source && event.action && event.order_id; }

void Counts::add(const EventHead& event) {
  const bool nameable = event.source->size() <= name_max_bytes && event.action->size() <= name_max_bytes;
  kind_.assign(nameable ? std::string_view(*event.source) : std::string_view("other"));
  if (nameable) kind_.append(1, ' ').append(*event.action);
  const auto known = counts_.find(kind_);
  if (known != counts_.end())
    ++known->second;
  else
    ++counts_[counts_.size() < kinds_max ? kind_ : std::string("other")];
}

}  // namespace foodorder::audit
