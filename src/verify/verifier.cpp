#include "verify/verifier.hpp"

#include "fraud_replay.hpp"
#include "orders_fold.hpp"
#include "outcomes.hpp"
#include "statistics_replay.hpp"
#include "streams.hpp"
#include "transactions.hpp"

namespace foodorder::verify {

struct Verifier::Parts {
  explicit Parts(Terms how) : terms(std::move(how)) {
    if (terms.calls) fraud.not_exact();  // checks and orders stand in two logs
  }

  Terms terms;
  Report report;
  std::size_t records = 0;
  Outcomes outcomes{terms, report};
  OrdersFold orders{terms, report};
  FraudReplay fraud{terms, report};
  StatisticsReplay statistics{report};
  Streams streams{report};
  Transactions transactions{terms, report};
};

Verifier::Verifier(Terms terms) : parts_(std::make_unique<Parts>(std::move(terms))) {}
Verifier::~Verifier() = default;

void Verifier::record(const ConsumerRecord& record) {
  const Entry entry(record);
  ++parts_->records;
  parts_->outcomes.record(entry);
  parts_->orders.record(entry);
  parts_->fraud.record(entry);
  parts_->statistics.record(entry);
  parts_->streams.record(entry);
  parts_->transactions.record(entry);
}

void Verifier::committed(std::string_view group, const Position& next) { parts_->outcomes.committed(group, next); }
void Verifier::acknowledged(const Acknowledged& write) { parts_->orders.acknowledged(write); }
void Verifier::read(const Acknowledged& write, const std::optional<RecordPlace>& shown) {
  parts_->orders.read(write, shown);
}
void Verifier::refused(std::string item) { parts_->orders.refused(std::move(item)); }
void Verifier::status_compacted() { parts_->outcomes.status_compacted(); }
void Verifier::fraud_not_exact() { parts_->fraud.not_exact(); }
bool Verifier::fraud_exact() const noexcept { return parts_->fraud.exact(); }
StreamCheck& Verifier::stream() { return parts_->streams.add(); }

void Verifier::finish(bool settled) {
  parts_->outcomes.finish(settled);
  parts_->orders.finish(settled);
  parts_->fraud.finish(settled);
  parts_->transactions.finish();
}

void Verifier::check_orders(std::string_view json_array) { parts_->orders.check_orders(json_array); }
void Verifier::check_statistics(const json::object& figures) { parts_->statistics.check(figures); }
void Verifier::check_streams() { parts_->streams.check_ends(); }
void Verifier::add(std::string_view rule, std::string what) { parts_->report.add(rule, std::move(what)); }
const std::vector<Violation>& Verifier::violations() const noexcept { return parts_->report.violations(); }
std::size_t Verifier::events() const noexcept { return parts_->outcomes.events(); }
const std::vector<std::string>& Verifier::gaps() const noexcept { return parts_->outcomes.gaps(); }
std::size_t Verifier::lone_copies() const noexcept { return parts_->outcomes.lone_copies(); }
std::size_t Verifier::records() const noexcept { return parts_->records; }

}  // namespace foodorder::verify
