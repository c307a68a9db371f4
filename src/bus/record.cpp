#include "foodorder/bus/record.hpp"

namespace foodorder {

std::size_t size_in_bytes(const Record& record) noexcept {
  // What a record and its bookkeeping cost in memory beside its bytes.
  constexpr std::size_t overhead = 256;
  return overhead + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0) +
         record.headers.size_in_bytes();
}

}  // namespace foodorder
