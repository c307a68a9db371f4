// Part of what links foodorder_allocator (cmake/dependencies.cmake).
#include <mimalloc.h>

namespace {

/// Memory that is free goes back to the system at once. Otherwise it does when its neighbours are next used, and after
/// a busy hour a quiet process would keep half of it. An environment variable of mimalloc's for the same still counts.
const bool given_back_at_once = [] {
#if MI_MALLOC_VERSION < 210
  mi_option_set_default(mi_option_decommit_delay, 0);
#else
  mi_option_set_default(mi_option_purge_delay, 0);
#endif
  return true;
}();

}  // namespace
