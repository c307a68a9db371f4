#pragma once

#include "foodorder/bus/record.hpp"

#include <utility>

namespace foodorder::test {

// A record with another key or value, and all else as it was.

inline void set_key(Record& record, Record::Bytes key) {
  Record changed(key, record.value(), record.headers);
  changed.timestamp = record.timestamp;
  record = std::move(changed);
}

inline void set_value(Record& record, Record::Bytes value) {
  Record changed(record.key(), value, record.headers);
  changed.timestamp = record.timestamp;
  record = std::move(changed);
}

}  // namespace foodorder::test
