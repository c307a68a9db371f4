#include "process_metrics.hpp"

#include "foodorder/base/log.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace foodorder::app {

namespace {

constexpr std::size_t groups_max = 100;

struct Memory {
  double resident_bytes = 0;
  double virtual_bytes = 0;
};

/// From /proc/self/statm; zeros where there is none.
Memory memory() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) return {};
  long total = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  if (read != 2) return {};
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {static_cast<double>(resident) * page, static_cast<double>(total) * page};
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double entries_in(const char* folder) {
  std::error_code failed;
  const std::filesystem::directory_iterator entries(folder, failed);
  return failed ? 0 : static_cast<double>(std::distance(begin(entries), end(entries)));
}

double descriptors_max() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

bool is_own(std::string_view topic) {
  return std::ranges::any_of(topics::table(), [&](const Topic& own) { return own.name == topic; });
}

/// Those of services first, whose names end so by convention: strangers' cannot push them out.
std::vector<const GroupDescription*> chosen(const std::vector<GroupDescription>& groups) {
  std::vector<const GroupDescription*> all;
  for (const GroupDescription& group : groups) all.push_back(&group);
  std::ranges::stable_partition(all, [](const GroupDescription* group) { return group->group.ends_with("-group"); });
  if (all.size() > groups_max) all.resize(groups_max);
  return all;
}

}  // namespace

ProcessMetrics::ProcessMetrics(prometheus::Registry& registry, Timestamp started)
    : lag_(registry, "foodorder_consumer_group_lag", "End offset minus committed offset"),
      removed_(registry, "foodorder_consumer_group_removed_before_read_total",
               "Records that retention removed before the group had read them"),
      end_offset_(registry, "foodorder_topic_end_offset", "The offset that the next record will get"),
      topic_bytes_(registry, "foodorder_topic_size_bytes", "Bytes kept"),
      instance_up_(registry, "foodorder_module_up", "1 while a module instance works"),
      http_connections_(registry, "foodorder_http_connections_open", "Open HTTP connections"),
      http_refused_(registry, "foodorder_http_connections_refused_total", "Connections closed without an answer"),
      http_responses_(registry, "foodorder_http_responses_total", "HTTP responses by class"),
      start_time_(registry, "process_start_time_seconds", "Start of the process in seconds since the Unix epoch"),
      resident_bytes_(registry, "process_resident_memory_bytes", "Resident memory size in bytes"),
      virtual_bytes_(registry, "process_virtual_memory_bytes", "Virtual memory size in bytes"),
      open_fds_(registry, "process_open_fds", "Open file descriptors"),
      max_fds_(registry, "process_max_fds", "The most file descriptors that may be open"),
      threads_(registry, "process_threads", "Threads of the process"),
      cpu_seconds_(registry, "process_cpu_seconds_total", "User and system CPU time spent in seconds"),
      log_lines_dropped_(registry, "foodorder_log_lines_dropped_total",
                         "Log lines that nobody read in time, or that could not be written") {
  start_time_.set({}, static_cast<double>(to_unix_millis(started)) / 1e3);
}

void ProcessMetrics::set_groups(const std::vector<GroupDescription>& groups) {
  for (const GroupDescription* group : chosen(groups)) {
    for (const GroupPartition& partition : group->partitions) {
      if (!is_own(partition.tp.topic)) continue;
      const Gauges::Labels labels{{"group", group->group},
                                  {"topic", partition.tp.topic},
                                  {"partition", std::to_string(partition.tp.partition)}};
      lag_.set(labels, static_cast<double>(partition.lag));
      removed_.set(labels, static_cast<double>(partition.removed_before_read));
    }
  }
  lag_.sweep();
  removed_.sweep();
}

void ProcessMetrics::set_topics(const std::vector<TopicDescription>& topics) {
  for (const TopicDescription& topic : topics) {
    if (!is_own(topic.name)) continue;
    for (const PartitionDescription& partition : topic.partitions) {
      const Gauges::Labels labels{{"topic", topic.name}, {"partition", std::to_string(partition.partition)}};
      end_offset_.set(labels, static_cast<double>(partition.end_offset));
      topic_bytes_.set(labels, static_cast<double>(partition.size_bytes));
    }
  }
  end_offset_.sweep();
  topic_bytes_.sweep();
}

void ProcessMetrics::set_instances(const std::vector<InstanceStatus>& instances) {
  for (const InstanceStatus& status : instances) {
    const bool up = status.state == InstanceState::starting || status.state == InstanceState::running;
    instance_up_.set({{"instance", status.instance}}, up ? 1 : 0);
  }
  instance_up_.sweep();
}

void ProcessMetrics::set_http(const http::ServerStats& stats) {
  http_connections_.set({}, static_cast<double>(stats.connections_open));
  http_refused_.set({}, static_cast<double>(stats.connections_refused));
  for (int hundred = 1; hundred <= 5; ++hundred)
    http_responses_.set({{"class", fmt::format("{}xx", hundred)}},
                        static_cast<double>(stats.responses_by_class[hundred]));
}

void ProcessMetrics::set_process() {
  const Memory used = memory();
  resident_bytes_.set({}, used.resident_bytes);
  virtual_bytes_.set({}, used.virtual_bytes);
  open_fds_.set({}, entries_in("/proc/self/fd"));
  max_fds_.set({}, descriptors_max());
  threads_.set({}, entries_in("/proc/self/task"));
  cpu_seconds_.set({}, cpu_seconds());
  log_lines_dropped_.set({}, static_cast<double>(log::lines_dropped()));
}

}  // namespace foodorder::app
