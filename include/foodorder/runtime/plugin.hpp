#pragma once

#include "foodorder/runtime/module.hpp"

#include <fmt/core.h>
#include <boost/config.hpp>
#include <boost/config/helper_macros.hpp>
#include <boost/version.hpp>

// A plugin is a shared library with one more module kind, loaded at start by `--plugin=FILE`. It is written against the
// headers in include/foodorder/ and linked with none of the program's libraries: the program exports what they declare,
// so there is one copy of everything. docs/learn/add-a-consumer.md shows one from its first line to its first event.

/// Raised when a header that plugins include changes in a way that one built before would misread.
#define FOODORDER_PLUGIN_ABI_VERSION 9

#define FOODORDER_PLUGIN_TOOLS \
  BOOST_COMPILER ", " BOOST_STDLIB ", Boost " BOOST_LIB_VERSION ", fmt " BOOST_STRINGIZE(FMT_VERSION)

#if defined(__SANITIZE_ADDRESS__)
#define FOODORDER_PLUGIN_SANITIZER ", AddressSanitizer"
#elif defined(__SANITIZE_THREAD__)
#define FOODORDER_PLUGIN_SANITIZER ", ThreadSanitizer"
#else
#define FOODORDER_PLUGIN_SANITIZER ""
#endif

namespace foodorder {

/// Must be equal on both sides, because they share C++ types of the standard library, Boost and fmt.
inline constexpr const char* plugin_abi =
    "plugin ABI " BOOST_STRINGIZE(FOODORDER_PLUGIN_ABI_VERSION) ", " FOODORDER_PLUGIN_TOOLS FOODORDER_PLUGIN_SANITIZER;

/// What a plugin exports under the name `foodorder_plugin`, by FOODORDER_PLUGIN.
struct PluginEntry {
  const char* abi;       ///< plugin_abi as its build had it; first in every version, and read first
  ModuleKind (*kind)();  ///< asked once; an exception refuses the plugin
};

}  // namespace foodorder

/// Makes a shared library a plugin: `kind_function` is a `ModuleKind()`. Stands once, outside of namespaces.
#define FOODORDER_PLUGIN(kind_function)                                           \
  extern "C" BOOST_SYMBOL_EXPORT const ::foodorder::PluginEntry foodorder_plugin; \
  const ::foodorder::PluginEntry foodorder_plugin { ::foodorder::plugin_abi, &(kind_function) }
