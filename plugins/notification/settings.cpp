#include "settings.hpp"

namespace foodorder::notification {

std::vector<SettingSpec> settings() {
  std::vector<SettingSpec> specs;
  specs.push_back(SettingSpec::number("failRate", 0.3, 0, 1, "how many of the deliveries fail")
                      .with_flag("--fail-rate", "FAIL_RATE"));
  specs.push_back(SettingSpec::choice("failMode", "dlq", {"dlq", "drop", "retry-forever"},
                                      "what follows a failure after two retries")
                      .with_flag("--fail-mode", "FAIL_MODE"));
  specs.push_back(SettingSpec::integer("retryBackoffMs", 200, 0, 60'000,
                                       "how long the first retry waits; doubles with each retry"));
  specs.push_back(SettingSpec::integer("retryBackoffMaxMs", 5'000, 0, 600'000, "the longest that a retry waits"));
  specs.push_back(
      SettingSpec::integer("workMs", 0, 0, 10'000, "how long one delivery takes, one at a time per partition"));
  specs.push_back(SettingSpec::integer("unfinishedMax", 10'000, 1, 1'000'000,
                                       "records of a partition that may wait before it is paused"));
  specs.push_back(SettingSpec::integer("leaseMs", 10'000, 100, 600'000,
                                       "monolith: how long a job is a worker's; one that lives extends it"));
  specs.push_back(SettingSpec::integer("deliveriesMax", 5, 1, 1'000,
                                       "monolith: how often a job without a result is given out before it is dead"));
  return specs;
}

}  // namespace foodorder::notification
