#include "plugins.hpp"

#include "config/options.hpp"
#include "foodorder/runtime/plugin.hpp"
#include "foodorder/runtime/topics.hpp"
#include "runtime/faults.hpp"

#define BOOST_DLL_USE_STD_FS  // else it wants Boost.Filesystem, a package more

#include <dlfcn.h>
#include <fmt/format.h>
#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cctype>
#include <filesystem>
#include <list>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace foodorder {

namespace {

namespace dll = boost::dll;

constexpr const char* entry_name = "foodorder_plugin";
constexpr std::size_t name_max = 32;
constexpr std::int32_t shown_partitions_max = 32;

[[noreturn]] void refuse(const std::string& file, std::string_view why) {
  throw std::runtime_error(fmt::format("plugin {}: {}", file, why));
}

const dll::shared_library& load(const std::string& file) {
  if (!std::filesystem::exists(file)) refuse(file, "there is no such file");
  dll::shared_library library;
  std::error_code failed;
  // All symbols at once: a missing one fails now, not in the middle of an order.
  library.load(file, failed, dll::load_mode::rtld_now);
  if (failed) {
    const char* why = dlerror();  // says more than the error code
    refuse(file, fmt::format("it cannot be loaded: {}", why ? std::string(why) : failed.message()));
  }
  // Never unloaded, not even at exit: an exception, a vtable or a coroutine of its may outlive whatever holds it.
  static auto& loaded = *new std::list<dll::shared_library>;
  return loaded.emplace_back(std::move(library));
}

bool is_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= name_max && lower(name.front()) && std::ranges::all_of(name, allowed);
}

ModuleKind kind_of(const std::string& file, const PluginEntry& entry) {
  try {
    return with_faults(std::vector<ModuleKind>(1, entry.kind())).front();
  } catch (const std::exception& error) {
    refuse(file, fmt::format("its entry failed: {}", error.what()));
  }
}

void check_name(const std::string& file, const std::string& name, const std::vector<ModuleKind>& others) {
  if (!is_name(name))
    refuse(file, fmt::format("a module's name is at most {} lower-case letters, digits and hyphens, not {}", name_max,
                             config::toml_string(name)));
  for (const ModuleKind& other : others)
    if (other.name == name)
      refuse(file, fmt::format("there is a module {} already, {}", name,
                               other.plugin.empty() ? "built in" : "of plugin " + other.plugin));
  for (const config::Option& option : config::all_options({}))
    if (option.section == name) refuse(file, fmt::format("{} is a table of the configuration file", name));
}

void check_settings(const std::string& file, const std::vector<SettingSpec>& settings) {
  for (auto spec = settings.begin(); spec != settings.end(); ++spec) {
    const auto same = [&](const SettingSpec& other) { return other.name == spec->name; };
    if (std::any_of(settings.begin(), spec, same)) refuse(file, fmt::format("it has two settings {}", spec->name));
    if (const auto checked = spec->check(spec->default_value); !checked)
      refuse(file, fmt::format("the default of its setting {}", checked.error().message));
  }
}

/// A setting with a flag is an option of the program.
void check_flags(const std::string& file, const std::vector<SettingSpec>& settings,
                 const std::vector<ModuleKind>& others) {
  const std::vector<config::Option> taken = config::all_options(others);
  for (const SettingSpec& spec : settings) {
    if (spec.flag.empty()) continue;
    if (!spec.flag.starts_with("--") || !is_name(std::string_view(spec.flag).substr(2)))
      refuse(file, fmt::format("the flag of its setting {} is -- and lower-case letters, digits and hyphens, not {}",
                               spec.name, config::toml_string(spec.flag)));
    for (const config::Option& option : taken) {
      if (option.flag == spec.flag) refuse(file, fmt::format("there is a flag {} already", spec.flag));
      if (!spec.variable.empty() && option.variable == spec.variable)
        refuse(file, fmt::format("there is a variable {} already", spec.variable));
    }
  }
}

void check_routes(const std::string& file, const std::vector<ModuleRoute>& routes,
                  const std::vector<ModuleKind>& others) {
  for (const ModuleRoute& route : routes)
    for (const ModuleKind& other : others)
      for (const ModuleRoute& taken : other.routes)
        if (route.method == taken.method && route.pattern == taken.pattern)
          refuse(file, fmt::format("{} {} is served by {} already", http::to_string(route.method), route.pattern,
                                   other.name));
}

/// Kafka's rule. A name stands in the ids of events, too.
bool is_topic_name(std::string_view name) {
  constexpr std::size_t bytes_max = 249;
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= bytes_max && name != "." && name != ".." && std::ranges::all_of(name, fits);
}

void check_topic(const std::string& file, const Topic& topic, const std::vector<Topic>& others) {
  if (!is_topic_name(topic.name))
    refuse(file, fmt::format("'{}' is no name for a topic: up to 249 letters, digits, '.', '_' and '-'", topic.name));
  if (topic.partitions < 1)
    refuse(file, fmt::format("topic {} has {} partitions; it needs at least 1", topic.name, topic.partitions));
  // The id of each event has an offset for each partition.
  if (topic.on_events() && topic.partitions > shown_partitions_max)
    refuse(file, fmt::format("topic {} has {} partitions, but /events shows topics of at most {}", topic.name,
                             topic.partitions, shown_partitions_max));
  if (topic.event_type == "heartbeat")
    refuse(file, fmt::format("topic {}: heartbeat is no type for its events", topic.name));
  for (const Topic& other : others) {
    if (topic.name == other.name) refuse(file, fmt::format("there is a topic {} already", topic.name));
    if (topic.on_events() && topic.event_type == other.event_type)
      refuse(file, fmt::format("topic {}: {} is the type of the events of {} already", topic.name, topic.event_type,
                               other.name));
  }
}

void check_topics(const std::string& file, const std::vector<Topic>& topics, const std::vector<ModuleKind>& others) {
  std::vector<Topic> taken = topics::table();
  for (const ModuleKind& other : others) taken.insert(taken.end(), other.topics.begin(), other.topics.end());
  for (const Topic& topic : topics) {
    check_topic(file, topic, taken);
    taken.push_back(topic);
  }
}

ModuleKind load_kind(const std::string& file, const std::vector<ModuleKind>& others) {
  const dll::shared_library& library = load(file);
  if (!library.has(entry_name)) refuse(file, fmt::format("it has no entry point {}: it is no plugin", entry_name));
  const auto& entry = library.get<const PluginEntry>(entry_name);
  if (std::string_view(entry.abi) != plugin_abi)
    refuse(file, fmt::format("it was built for {}; this program is {}", entry.abi, plugin_abi));
  ModuleKind kind = kind_of(file, entry);
  if (!kind.make) refuse(file, "its module cannot be made: ModuleKind::make is null");
  check_name(file, kind.name, others);
  check_settings(file, kind.settings);
  check_flags(file, kind.settings, others);
  check_routes(file, kind.routes, others);
  check_topics(file, kind.topics, others);
  kind.plugin = file;
  return kind;
}

}  // namespace

std::vector<ModuleKind> all_modules(std::span<const ModuleKind> builtin, std::span<const std::string> plugin_files) {
  std::vector<ModuleKind> kinds(builtin.begin(), builtin.end());
  for (const std::string& file : plugin_files) kinds.push_back(load_kind(file, kinds));
  return kinds;
}

}  // namespace foodorder
