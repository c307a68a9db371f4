#include "plugins.hpp"

#include "config/options.hpp"
#include "foodorder/runtime/plugin.hpp"

#define BOOST_DLL_USE_STD_FS  // else it wants Boost.Filesystem, a package more

#include <dlfcn.h>
#include <fmt/format.h>
#include <algorithm>
#include <boost/dll/shared_library.hpp>
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

[[noreturn]] void refuse(const std::string& file, std::string_view why) {
  throw std::runtime_error(fmt::format("plugin {}: {}", file, why));
}

const dll::shared_library& load(const std::string& file) {
  if (!std::filesystem::exists(file)) refuse(file, "there is no such file");
  dll::shared_library library;
  std::error_code failed;
  // All symbols at once: one that is missing is told now, not in the middle of an order.
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
    return entry.kind();
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
