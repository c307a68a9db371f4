// A module with all that a plugin may bring: a setting with a flag, a route and a topic.
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/plugin.hpp"

#include <string>

namespace {

using namespace foodorder;

class Shelf final : public Module {
 public:
  explicit Shelf(const ModuleContext& context) : bus_(context.bus), depth_(context.settings.integer("depth")) {}

  Task<> run() override { co_await stopped_.wait(); }
  void stop() override { stopped_.set(); }
  void pause(bool) override {}
  void configure(const Settings& settings) override { depth_ = settings.integer("depth"); }
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] json::object report() const override { return {}; }

  Task<http::Response> show(http::Request& request) {
    const std::string board(request.path_parameter("board"));
    const auto topics = co_await bus_.admin().topics();
    json::object body{{"board", board}, {"depth", depth_}, {"partitions", 0}};
    for (const TopicDescription& topic : topics.value())
      if (topic.name == "shelves") body["partitions"] = topic.partitions.size();
    co_return http::json_response(serialize_json(body));
  }

 private:
  EventBus& bus_;
  std::int64_t depth_;
  AsyncEvent stopped_;
};

ModuleKind shelf_kind() {
  ModuleKind kind;
  kind.name = "shelf";
  kind.summary = "brings a flag, a route and a topic";
  kind.make = make_module<Shelf>;
  kind.settings.push_back(
      SettingSpec::integer("depth", 1, 1, 9, "how deep a shelf is").with_flag("--shelf-depth", "SHELF_DEPTH"));
  kind.routes.emplace_back(http::Method::get, "/api/shelves/{board}", &Shelf::show);
  kind.topics.emplace_back("shelves", 2);
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(shelf_kind);
