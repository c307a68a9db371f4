#include "app/process_metrics.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

using namespace foodorder;

namespace {

GroupDescription group(const std::string& name, const std::string& topic, std::int64_t removed = 0) {
  GroupDescription description;
  description.group = name;
  description.partitions.emplace_back();
  description.partitions.back().tp = TopicPartition(topic, 0);
  description.partitions.back().lag = 7;
  description.partitions.back().removed_before_read = removed;
  return description;
}

TopicDescription topic(const std::string& name) {
  TopicDescription description;
  description.name = name;
  description.partitions.emplace_back();
  return description;
}

struct Scraped {
  Scraped() : metrics(registry, from_unix_millis(1'500)) {}

  std::string text() { return prometheus::TextSerializer().Serialize(registry.Collect()); }
  bool has(const std::string& part) { return text().find(part) != std::string::npos; }

  prometheus::Registry registry;
  app::ProcessMetrics metrics;
};

}  // namespace

TEST_CASE("Topics of strangers and groups that are gone have no series") {
  Scraped scraped;
  scraped.metrics.set_topics({topic("orders"), topic("stranger")});
  scraped.metrics.set_groups({group("fraud-group", "orders"), group("kcat", "audit"), group("kcat", "stranger")});
  CHECK(scraped.has("foodorder_topic_end_offset{partition=\"0\",topic=\"orders\"} 0"));
  CHECK(scraped.has("foodorder_consumer_group_lag{group=\"kcat\",partition=\"0\",topic=\"audit\"} 7"));
  CHECK_FALSE(scraped.has("stranger"));
  scraped.metrics.set_topics({});
  scraped.metrics.set_groups({group("fraud-group", "orders")});
  CHECK_FALSE(scraped.has("kcat"));
  CHECK_FALSE(scraped.has("foodorder_topic_end_offset{"));
  CHECK(scraped.has("foodorder_consumer_group_lag{group=\"fraud-group\""));
}

TEST_CASE("Groups of strangers are shown up to a limit and push out none of the program") {
  Scraped scraped;
  std::vector<GroupDescription> groups;
  for (int i = 0; i < 1000; ++i) groups.push_back(group(fmt::format("a{}", i), "orders"));
  groups.push_back(group("order-group", "orders"));
  scraped.metrics.set_groups(groups);
  const std::string text = scraped.text();
  std::size_t series = 0;
  for (std::size_t at = text.find("_lag{"); at != std::string::npos; at = text.find("_lag{", at + 1)) ++series;
  CHECK(series == 100);
  CHECK(scraped.has("group=\"order-group\""));
}

TEST_CASE("What only grows is a counter, which begins again for another group of the same name") {
  Scraped scraped;
  const auto removed = [&](std::int64_t count) {
    return scraped.has(
        fmt::format("removed_before_read_total{{group=\"g\",partition=\"0\",topic=\"orders\"}} {}\n", count));
  };
  scraped.metrics.set_groups({group("g", "orders", 5)});
  CHECK(removed(5));
  scraped.metrics.set_groups({group("g", "orders", 9)});
  CHECK(removed(9));
  scraped.metrics.set_groups({group("g", "orders", 2)});
  CHECK(removed(2));
  CHECK(scraped.has("process_start_time_seconds 1.5\n"));
}
