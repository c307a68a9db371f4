#pragma once

#include "foodorder/base/park.hpp"
#include "writer.hpp"

#include <functional>
#include <optional>
#include <utility>

// What a call of the store becomes on its threads.

namespace foodorder::database {

/// Waits for the answer of an operation. Shared with the thread; the coroutine may be gone when it comes.
template <class T>
struct Answer {
  std::optional<Result<T>> result;  ///< written on the thread, read after `waiter` was completed by the answer
  Waiter<Wake> waiter;
  bool answered = false;
};

template <class T>
class Write final : public WriteOperation {
 public:
  explicit Write(std::function<Result<T>(Tables&)> what) : what_(std::move(what)) {}

  void run(Tables& tables) override { answer_.result = what_(tables); }
  void fail(Error error) override { answer_.result = std::move(error); }
  void answer() override {
    answer_.answered = true;
    answer_.waiter.complete(Wake{});
  }
  Answer<T>& its_answer() noexcept { return answer_; }

 private:
  std::function<Result<T>(Tables&)> what_;
  Answer<T> answer_;
};

class ReadOperation : public Operation {
 public:
  virtual void run(Connection& connection) = 0;
};

template <class T>
class Read final : public ReadOperation {
 public:
  explicit Read(std::function<Result<T>(Connection&)> what) : what_(std::move(what)) {}

  /// All that it reads is of one moment.
  void run(Connection& connection) override {
    try {
      connection.database().exec("BEGIN");
      answer_.result = what_(connection);
    } catch (const SQLite::Exception& error) {
      answer_.result = error_of(error);
    }
    if (!connection.in_autocommit()) connection.database().tryExec("COMMIT");
  }
  void answer() override {
    answer_.answered = true;
    answer_.waiter.complete(Wake{});
  }
  Answer<T>& its_answer() noexcept { return answer_; }

 private:
  std::function<Result<T>(Connection&)> what_;
  Answer<T> answer_;
};

}  // namespace foodorder::database
