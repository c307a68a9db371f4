// A plugin of another build, whose kind must not even be asked for.
#include "foodorder/runtime/plugin.hpp"

#include <cstdlib>

extern "C" BOOST_SYMBOL_EXPORT const foodorder::PluginEntry foodorder_plugin;
const foodorder::PluginEntry foodorder_plugin{"plugin ABI 0, some other compiler",
                                              []() -> foodorder::ModuleKind { std::abort(); }};
