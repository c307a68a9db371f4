#include "queue_watch.hpp"

#include <sys/eventfd.h>
#include <unistd.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace foodorder::kafka {

namespace {

int make_eventfd() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

constexpr std::uint64_t one = 1;

}  // namespace

struct QueueWatch::State {
  State(const Executor& executor, std::function<void()> callback)
      : fd(executor, make_eventfd()), on_ready(std::move(callback)) {}

  asio::posix::stream_descriptor fd;
  std::function<void()> on_ready;
};

QueueWatch::QueueWatch(const Executor& executor, std::function<void()> on_ready)
    : state_(std::make_shared<State>(executor, std::move(on_ready))) {
  wait(state_);
}

QueueWatch::~QueueWatch() {
  for (rd_kafka_queue_t* queue : queues_) rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
  state_->on_ready = nullptr;
  boost::system::error_code ignored;
  state_->fd.close(ignored);
}

void QueueWatch::watch(rd_kafka_queue_t* queue) {
  queues_.push_back(queue);
  rd_kafka_queue_io_event_enable(queue, state_->fd.native_handle(), &one, sizeof one);
  [[maybe_unused]] const auto written = write(state_->fd.native_handle(), &one, sizeof one);
}

void QueueWatch::wait(const std::shared_ptr<State>& state) {
  state->fd.async_wait(asio::posix::stream_descriptor::wait_read,
                       [weak = std::weak_ptr(state)](const boost::system::error_code& error) {
                         const auto self = weak.lock();
                         if (error || !self || !self->on_ready) return;
                         std::uint64_t count = 0;
                         [[maybe_unused]] const auto taken = read(self->fd.native_handle(), &count, sizeof count);
                         const auto call = self->on_ready;  // it may end its own watch
                         call();
                         if (self->on_ready) wait(self);
                       });
}

}  // namespace foodorder::kafka
