#include "scheduler.hpp"

#include <algorithm>

namespace foodorder::simulation {

Scheduler::~Scheduler() {
  for (Actor actor = 0; actor < queues_.size(); ++actor) drop(actor);
  shutdown();
  destroy();
}

Scheduler::Actor Scheduler::add() {
  queues_.emplace_back();
  return queues_.size() - 1;
}

foodorder::Executor Scheduler::executor(Actor actor) { return Executor(*this, actor); }

void Scheduler::push(Actor actor, std::unique_ptr<Job> job) {
  Queue& queue = queues_[actor];
  queue.jobs.push_back(std::move(job));
  if (queue.jobs.size() == 1 && !queue.held) runnable_.push_back(actor);
}

bool Scheduler::step() {
  if (runnable_.empty()) return false;
  const std::size_t choice = runnable_.size() == 1 ? 0 : random_.below(runnable_.size());
  run_front(runnable_[choice]);
  return true;
}

void Scheduler::run_only(Actor actor) {
  while (!queues_[actor].jobs.empty()) run_front(actor);
}

void Scheduler::run_front(Actor actor) {
  ++steps_;
  fingerprint_ = (fingerprint_ ^ actor) * 0x100000001b3U + steps_;
  const std::unique_ptr<Job> job = std::move(queues_[actor].jobs.front());
  queues_[actor].jobs.pop_front();
  if (queues_[actor].jobs.empty()) std::erase(runnable_, actor);
  job->run();
}

void Scheduler::hold(Actor actor, bool held) {
  Queue& queue = queues_[actor];
  if (queue.held == held) return;
  queue.held = held;
  if (held)
    std::erase(runnable_, actor);
  else if (!queue.jobs.empty())
    runnable_.push_back(actor);
}

void Scheduler::drop(Actor actor) {
  // What is destroyed may queue more, which goes the same way.
  while (!queues_[actor].jobs.empty()) {
    const auto grave = std::exchange(queues_[actor].jobs, {});
    std::erase(runnable_, actor);
  }
}

}  // namespace foodorder::simulation
