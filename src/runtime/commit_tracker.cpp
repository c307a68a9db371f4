#include "foodorder/runtime/commit_tracker.hpp"

#include <algorithm>

namespace foodorder {

void CommitTracker::begin(std::int64_t offset) {
  begun_.push_back({offset, false});
  ++unfinished_;
  next_ = offset + 1;
}

void CommitTracker::finish(std::int64_t offset) {
  const auto found = std::lower_bound(begun_.begin(), begun_.end(), offset,
                                      [](const Begun& record, std::int64_t wanted) { return record.offset < wanted; });
  if (found == begun_.end() || found->offset != offset || found->finished) return;
  found->finished = true;
  --unfinished_;
  while (!begun_.empty() && begun_.front().finished) begun_.pop_front();
}

}  // namespace foodorder
