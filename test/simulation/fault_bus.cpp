#include "fault_bus.hpp"

#include "foodorder/base/park.hpp"

namespace foodorder::simulation {

namespace {

Error unavailable() { return Error(Errc::unavailable, "the simulator says no"); }

std::string text_of(const std::vector<Position>& positions) {
  std::string text;
  for (const Position& at : positions)
    fmt::format_to(std::back_inserter(text), "{}{}-{}@{}", text.empty() ? "" : " ", at.tp.topic, at.tp.partition,
                   at.offset);
  return text;
}

class FaultProducer final : public Producer {
 public:
  FaultProducer(FaultControl& control, std::string client_id, std::unique_ptr<Producer> inner)
      : control_(control), client_id_(std::move(client_id)), inner_(std::move(inner)) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    std::vector<ProducerRecord> one;
    one.push_back(std::move(record));
    auto results = co_await send_all(std::move(one));
    co_return std::move(results.front());
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    if (records.empty()) co_return std::vector<Result<Position>>();
    const std::size_t asked = records.size();
    const std::size_t taken = control_.random.chance(control_.faults.refuse_send) ? pick(asked) : asked;
    const std::size_t told = control_.random.chance(control_.faults.lose_acknowledgement) ? pick(taken + 1) : taken;
    if (taken < asked) control_.trace(client_id_, "of {} records sent, {} are refused", asked, asked - taken);
    if (told < taken) control_.trace(client_id_, "acknowledgements of {} records sent are lost", taken - told);
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(taken), records.end());
    const bool twice = taken > 0 && control_.random.chance(control_.faults.duplicate_send);
    if (twice) {
      control_.trace(client_id_, "the last of {} records sent is written twice", taken);
      records.push_back(records.back());
    }
    co_await wait_before();
    ++control_.sends;
    auto results = co_await inner_->send_all(std::move(records));
    if (twice) results.pop_back();
    co_await wait(control_.faults.delay_acknowledgement, control_.faults.delay_max);
    for (std::size_t i = told; i < results.size(); ++i)
      if (results[i]) results[i] = Error(Errc::outcome_unknown, "the simulator lost the acknowledgement");
    for (std::size_t i = results.size(); i < asked; ++i) results.emplace_back(unavailable());
    co_return results;
  }

  Task<> close() override { return inner_->close(); }

 private:
  std::size_t pick(std::size_t count) { return count == 0 ? 0 : control_.random.below(count); }

  /// Sends that wait keep their order: none goes before those that it found waiting.
  Task<> wait_before() {
    const bool delayed = control_.random.chance(control_.faults.delay_send);
    if (!delayed && waiting_ == 0) co_return;
    Timestamp due = control_.clock.now();
    if (delayed) due += Duration(control_.random.between(1, control_.faults.send_delay_max.count()));
    last_due_ = std::max(last_due_, due);
    ++waiting_;
    co_await park<Wake>(
        [&](Waiter<Wake> waiter) { control_.clock.call_at(last_due_, [waiter] { waiter.complete(Wake{}); }); });
    --waiting_;
  }

  Task<> wait(double probability, Duration max) {
    if (!control_.random.chance(probability)) co_return;
    co_await sleep_for(control_.clock, Duration(control_.random.between(1, max.count())));
  }

  FaultControl& control_;
  std::string client_id_;
  std::unique_ptr<Producer> inner_;
  std::size_t waiting_ = 0;
  Timestamp last_due_{};
};

class FaultConsumer final : public Consumer {
 public:
  FaultConsumer(FaultControl& control, ConsumerSpec spec, std::unique_ptr<Consumer> inner)
      : control_(control), spec_(std::move(spec)), inner_(std::move(inner)) {}

  Task<Result<ConsumerEvent>> next() override {
    if (control_.random.chance(control_.faults.fail_next)) {
      control_.trace(spec_.client_id, "next() fails");
      co_return unavailable();
    }
    if (spec_.group) co_await delay();
    Result<ConsumerEvent> event = co_await inner_->next();
    // What a view reads may be older than what it hears of otherwise.
    if (!spec_.group && event) co_await delay();
    if (closed_) co_return Error(Errc::closed, "closed while it waited");
    if (control_.trace.wanted() && event) tell(*event);
    co_return event;
  }

  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    const std::string text = control_.trace.wanted() ? text_of(next_offsets) : std::string();
    if (control_.random.chance(control_.faults.refuse_commit)) {
      control_.trace(spec_.client_id, "commit {} is refused", text);
      co_return unavailable();
    }
    const std::vector<Position> asked = next_offsets;
    Result<void> committed = co_await inner_->commit(std::move(next_offsets));
    control_.trace(spec_.client_id, "commits {} {}", text, committed ? "" : committed.error().message);
    if (!committed) co_return committed;
    if (control_.committed) control_.committed(spec_.client_id, *spec_.group, asked);
    if (control_.random.chance(control_.faults.lose_commit_answer)) {
      control_.trace(spec_.client_id, "the answer to its commit is lost");
      co_return unavailable();
    }
    co_return committed;
  }

  Task<Result<void>> seek(TopicPartition partition, Where where) override { return inner_->seek(partition, where); }
  void pause(const std::vector<TopicPartition>& partitions) override { inner_->pause(partitions); }
  void resume(const std::vector<TopicPartition>& partitions) override { inner_->resume(partitions); }
  std::vector<Position> assignment() const override { return inner_->assignment(); }
  Task<> close() override {
    closed_ = true;
    return inner_->close();
  }

 private:
  Task<> delay() {
    if (control_.random.chance(control_.faults.delay_delivery))
      co_await sleep_for(control_.clock, Duration(control_.random.between(1, control_.faults.delay_max.count())));
  }

  void tell(const ConsumerEvent& event) {
    if (const auto* batch = std::get_if<Records>(&event)) {
      if (!spec_.group) return;  // views read everything: they would drown the rest
      std::vector<Position> read;
      for (const ConsumerRecord& record : batch->records) read.push_back(record.position);
      control_.trace(spec_.client_id, "gets {}", text_of(read));
    } else if (const auto* assigned = std::get_if<Assigned>(&event)) {
      if (spec_.group) control_.trace(spec_.client_id, "is assigned {}", text_of(assigned->positions));
    } else {
      const auto& revoked = std::get<Revoked>(event);
      std::vector<Position> from;
      for (const TopicPartition& tp : revoked.partitions) from.emplace_back(tp, 0);
      control_.trace(spec_.client_id, "{} {}", revoked.lost ? "has lost" : "must give up", text_of(from));
    }
  }

  FaultControl& control_;
  ConsumerSpec spec_;
  std::unique_ptr<Consumer> inner_;
  bool closed_ = false;
};

class FaultAdmin final : public Admin {
 public:
  FaultAdmin(FaultControl& control, Admin& inner) : control_(control), inner_(inner) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override {
    return inner_.ensure_topics(std::move(topics));
  }
  Task<Result<std::vector<TopicDescription>>> topics() override {
    if (fails("describing the topics")) co_return unavailable();
    auto result = co_await inner_.topics();
    co_return result;
  }
  Task<Result<std::vector<GroupDescription>>> groups() override {
    if (fails("describing the groups")) co_return unavailable();
    auto result = co_await inner_.groups();
    co_return result;
  }
  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) override {
    if (fails("resolving offsets")) co_return unavailable();
    auto result = co_await inner_.resolve(std::move(partitions), where);
    co_return result;
  }
  Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) override {
    return inner_.reset_offsets(std::move(group), std::move(next_offsets));
  }
  Task<Result<void>> delete_group(std::string group) override { return inner_.delete_group(std::move(group)); }
  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    if (fails("reading a page")) co_return unavailable();
    auto result = co_await inner_.read(std::move(partition), offset, limits);
    co_return result;
  }
  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) override {
    return inner_.topic_settings(std::move(topic));
  }
  Task<Result<Compaction>> compact(std::string topic) override { return inner_.compact(std::move(topic)); }

 private:
  bool fails(std::string_view what) {
    if (!control_.random.chance(control_.faults.fail_admin)) return false;
    control_.trace("bus", "{} fails", what);
    return true;
  }

  FaultControl& control_;
  Admin& inner_;
};

class FaultBus final : public EventBus {
 public:
  FaultBus(EventBus& inner, FaultControl& control) : inner_(inner), control_(control), admin_(control, inner.admin()) {}

  std::string_view name() const override { return inner_.name(); }
  Features features() const override { return inner_.features(); }
  std::optional<std::string> trouble() const override { return inner_.trouble(); }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    return inner_.log_id(std::move(topics));
  }
  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    const std::string id = spec.client_id;
    return std::make_unique<FaultProducer>(control_, id, inner_.producer(std::move(spec)));
  }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    return std::make_unique<FaultConsumer>(control_, spec, inner_.subscribe(spec));
  }
  Admin& admin() override { return admin_; }

 private:
  EventBus& inner_;
  FaultControl& control_;
  FaultAdmin admin_;
};

}  // namespace

std::unique_ptr<EventBus> make_fault_bus(EventBus& inner, FaultControl& control) {
  return std::make_unique<FaultBus>(inner, control);
}

}  // namespace foodorder::simulation
