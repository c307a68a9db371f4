// A module with all that a plugin may bring: a setting with a flag, routes, and a topic that GET /events shows.
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/plugin.hpp"

#include <string>

namespace {

using namespace foodorder;

class Shelf final : public Module {
 public:
  explicit Shelf(const ModuleContext& context)
      : bus_(context.bus),
        depth_(context.settings.integer("depth")),
        producer_(context.bus.producer(ProducerSpec(context.instance_id))) {}

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

  Task<http::Response> fill(http::Request& request) {
    const std::string board(request.path_parameter("board"));
    ProducerRecord record("shelves", Record(board, JsonObject().add("board", board).take()));
    const auto sent = co_await producer_->send(std::move(record));
    co_return http::json_response("{}", sent ? 201 : 503);
  }

 private:
  EventBus& bus_;
  std::int64_t depth_;
  std::unique_ptr<Producer> producer_;
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
  kind.routes.emplace_back(http::Method::post, "/api/shelves/{board}", &Shelf::fill);
  kind.topics.emplace_back("shelves", 2).event_type = "shelf";
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(shelf_kind);
