#include "bare_worker.hpp"

#include "foodorder/base/json.hpp"

namespace foodorder::bench {

using namespace database;

std::vector<JobResult> BareWorker::lease(std::size_t jobs_max) {
  LeaseRequest request;
  request.worker = "notification-1";
  request.token = ids_.hex(32);
  request.jobs_max = jobs_max;
  request.lease = std::chrono::seconds(10);
  request.now = clock_.now();
  std::vector<JobResult> results;
  for (const Job& job : jobs_.lease(request).jobs) results.push_back(notified(job, request.token));
  return results;
}

JobResult BareWorker::notified(const Job& job, const std::string& token) {
  JobResult result;
  result.job = job.id;
  result.token = token;
  result.action = "NOTIFIED";
  result.time = clock_.stamp();
  result.body = JsonObject()
                    .add("source", "notification-service")
                    .add("action", result.action)
                    .add("orderId", job.order_id)
                    .add("instanceId", "notification-1")
                    .add("retryCount", 0)
                    .add("timestamp", clock_.now())
                    .take();
  return result;
}

}  // namespace foodorder::bench
