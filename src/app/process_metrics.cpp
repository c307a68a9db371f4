#include "process_metrics.hpp"

#include "foodorder/base/log.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <unistd.h>
#include <algorithm>
#include <cstdio>

namespace foodorder::app {

namespace {

prometheus::Family<prometheus::Gauge>& family(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

/// The resident set from /proc/self/statm, in bytes; 0 where there is none.
double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) return 0;
  long total = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

ProcessMetrics::ProcessMetrics(prometheus::Registry& registry)
    : lag_(family(registry, "foodorder_consumer_group_lag", "End offset minus committed offset")),
      removed_(family(registry, "foodorder_consumer_group_removed_before_read",
                      "Records that retention removed before the group had read them")),
      end_offset_(family(registry, "foodorder_topic_end_offset", "The offset that the next record will get")),
      topic_bytes_(family(registry, "foodorder_topic_size_bytes", "Bytes kept")),
      instance_up_(family(registry, "foodorder_module_up", "1 while a module instance works")),
      http_connections_(family(registry, "foodorder_http_connections_open", "Open HTTP connections")),
      http_responses_(family(registry, "foodorder_http_responses", "HTTP responses since the start, by class")),
      process_(family(registry, "process_resident_memory_bytes", "Resident memory size in bytes")),
      process_cpu_(prometheus::BuildCounter()
                       .Name("process_cpu_seconds_total")
                       .Help("User and system CPU time spent in seconds")
                       .Register(registry)
                       .Add({})),
      log_lines_dropped_(prometheus::BuildCounter()
                             .Name("foodorder_log_lines_dropped_total")
                             .Help("Log lines that nobody read in time, or that could not be written")
                             .Register(registry)
                             .Add({})) {}

void ProcessMetrics::set_groups(const std::vector<GroupDescription>& groups) {
  for (const GroupDescription& group : groups) {
    for (const GroupPartition& partition : group.partitions) {
      const prometheus::Labels labels{
          {"group", group.group}, {"topic", partition.tp.topic}, {"partition", std::to_string(partition.tp.partition)}};
      lag_.Add(labels).Set(static_cast<double>(partition.lag));
      removed_.Add(labels).Set(static_cast<double>(partition.removed_before_read));
    }
  }
}

void ProcessMetrics::set_topics(const std::vector<TopicDescription>& topics) {
  for (const TopicDescription& topic : topics) {
    for (const PartitionDescription& partition : topic.partitions) {
      const prometheus::Labels labels{{"topic", topic.name}, {"partition", std::to_string(partition.partition)}};
      end_offset_.Add(labels).Set(static_cast<double>(partition.end_offset));
      topic_bytes_.Add(labels).Set(static_cast<double>(partition.size_bytes));
    }
  }
}

void ProcessMetrics::set_instances(const std::vector<InstanceStatus>& instances) {
  for (const InstanceStatus& status : instances) {
    const bool up = status.state == InstanceState::starting || status.state == InstanceState::running;
    instance_up_.Add({{"instance", status.instance}}).Set(up ? 1 : 0);
  }
}

void ProcessMetrics::set_http(const http::ServerStats& stats) {
  http_connections_.Add({}).Set(static_cast<double>(stats.connections_open));
  for (int hundred = 1; hundred <= 5; ++hundred)
    http_responses_.Add({{"class", fmt::format("{}xx", hundred)}})
        .Set(static_cast<double>(stats.responses_by_class[hundred]));
}

void ProcessMetrics::set_process() {
  process_.Add({}).Set(resident_bytes());
  process_cpu_.Increment(std::max(0.0, cpu_seconds() - process_cpu_.Value()));
  log_lines_dropped_.Increment(std::max(0.0, static_cast<double>(log::lines_dropped()) - log_lines_dropped_.Value()));
}

}  // namespace foodorder::app
