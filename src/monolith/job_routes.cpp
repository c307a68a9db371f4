#include "foodorder/base/json.hpp"
#include "foodorder/base/number.hpp"
#include "foodorder/http/problems.hpp"
#include "monolith.hpp"
#include "shown_jobs.hpp"

#include <fmt/format.h>

namespace foodorder {

namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1000;

http::Response failed(const Error& error) {
  return http::unavailable(error.code == Errc::queue_full ? "queue-full" : "bus-unavailable", error.message);
}

Task<http::Response> list(database::JobQueue& queue, http::Request& request) {
  const auto text = request.query("limit");
  const auto limit = text ? parse_number<std::int64_t>(*text) : limit_default;
  if (!limit || *limit < 1 || *limit > limit_max) {
    const std::vector<http::ProblemField> errors(1,
                                                 http::ProblemField("limit", "must be a whole number from 1 to 1000"));
    co_return http::unprocessable("invalid-parameter", "limit must be a whole number from 1 to 1000", errors);
  }
  const auto counts = co_await queue.counts();
  if (!counts) co_return failed(counts.error());
  const auto jobs = co_await queue.jobs(static_cast<std::size_t>(*limit));
  if (!jobs) co_return failed(jobs.error());
  http::Response response = http::json_response(serialize_json(monolith::to_json(*jobs)));
  response.headers.emplace_back("X-Total-Count", std::to_string(counts->ready + counts->leased + counts->dead));
  co_return response;
}

Task<http::Response> retry(database::JobQueue& queue, Clock& clock, http::Request& request) {
  const std::string_view text = request.path_parameter("id");
  const auto id = parse_number<std::int64_t>(text);
  if (!id) co_return http::not_found("job-not-found", fmt::format("there is no dead job {}", text));
  const auto retried = co_await queue.retry(*id, clock.now());
  if (retried) co_return http::Response(204, "", "");
  if (retried.error().code == Errc::not_found) co_return http::not_found("job-not-found", retried.error().message);
  co_return failed(retried.error());
}

}  // namespace

std::vector<http::Route> job_routes(database::Store& store, Clock& clock) {
  database::JobQueue& queue = store.jobs();
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/api/jobs",
                      [&queue](http::Request& request) { return list(queue, request); });
  routes.emplace_back(
      http::Method::post, "/api/jobs/{id}/retry",
      [&queue, &clock](http::Request& request) { return retry(queue, clock, request); }, http::Access::control);
  return routes;
}

}  // namespace foodorder
