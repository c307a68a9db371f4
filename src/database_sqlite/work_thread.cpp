#include "work_thread.hpp"

#include <algorithm>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace foodorder::database {

/// Shared with what is posted to the loop, which may run after the thread has gone.
struct WorkThread::Queue {
  Queue(Executor on, Spec limits, std::function<void(Batch&)> what)
      : loop(std::move(on)), spec(limits), work(std::move(what)) {}

  Batch take() {
    Batch batch;
    const std::size_t size = std::min(waiting.size(), spec.batch_max);
    std::move(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(size), std::back_inserter(batch));
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(size));
    return batch;
  }

  void work_on(Batch batch) {
    work(batch);
    asio::post(loop, [batch = std::move(batch)] {
      for (const auto& operation : batch) {
        operation->answer();
        operation->alive_ = Executor();
      }
    });
  }

  void run() {
    for (;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (stopping) return;
      Batch batch = take();
      lock.unlock();
      work_on(std::move(batch));
    }
  }

  const Executor loop;
  const Spec spec;
  const std::function<void(Batch&)> work;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Operation>> waiting;
  bool stopping = false;
  bool posted = false;  ///< without a thread: its turn is on the way
  std::thread thread;
};

WorkThread::WorkThread(Executor loop, Spec spec, std::function<void(Batch& batch)> work)
    : queue_(std::make_shared<Queue>(std::move(loop), spec, std::move(work))) {
  if (spec.own_thread) queue_->thread = std::thread([queue = queue_.get()] { queue->run(); });
}

WorkThread::~WorkThread() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->stopping = true;
    queue_->waiting.clear();
  }
  queue_->changed.notify_all();
  if (queue_->thread.joinable()) queue_->thread.join();
}

bool WorkThread::push(std::shared_ptr<Operation> operation) {
  operation->alive_ = asio::prefer(queue_->loop, asio::execution::outstanding_work.tracked);
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->waiting.size() >= queue_->spec.queue_max) return false;
    queue_->waiting.push_back(std::move(operation));
  }
  if (queue_->spec.own_thread)
    queue_->changed.notify_one();
  else
    work_on_loop();
  return true;
}

void WorkThread::work_on_loop() {
  if (std::exchange(queue_->posted, true)) return;
  asio::post(queue_->loop, [queue = queue_] {
    queue->posted = false;
    while (!queue->stopping && !queue->waiting.empty()) queue->work_on(queue->take());
  });
}

std::size_t WorkThread::waiting() const {
  const std::lock_guard lock(queue_->mutex);
  return queue_->waiting.size();
}

}  // namespace foodorder::database
