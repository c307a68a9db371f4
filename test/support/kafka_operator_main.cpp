// kafka_operator BROKERS TOPIC commit|abort|leave RECORDS: a transaction of a client that is not ours.
#include "kafka_operator.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string_view>

int main(int count, char** texts) {
  using foodorder::test::Ending;
  const std::span<char*> arguments(texts, static_cast<std::size_t>(count));
  if (arguments.size() != 5) {
    std::fputs("usage: kafka_operator BROKERS TOPIC commit|abort|leave RECORDS\n", stderr);
    return 2;
  }
  const std::string_view end = arguments[3];
  const Ending ending = end == "commit" ? Ending::committed : end == "abort" ? Ending::aborted : Ending::timed_out;
  try {
    foodorder::test::write_transaction(arguments[1], arguments[2], ending, std::atoi(arguments[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
