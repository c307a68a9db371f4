#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/runtime/module.hpp"

#include <functional>
#include <memory>

namespace foodorder::monolith {

/// A service that only the events architecture has: here its figures are a query, and its settings another service's.
struct Figures {
  std::function<Task<Result<json::object>>(Timestamp now)> read;
  std::function<void(const Settings& settings)> configure;
};

/// Reads the figures once a second, and more rarely where that would take a tenth of the time: once in 30 s at least.
std::unique_ptr<Module> make_figures_module(const ModuleContext& context, Figures figures);

}  // namespace foodorder::monolith
