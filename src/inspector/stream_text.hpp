#pragma once

#include "row.hpp"
#include "topic_reader.hpp"

#include <memory>
#include <string>

namespace foodorder::inspector {

/// How far a stream has come.
struct Progress {
  std::int64_t shown = 0;
  std::int64_t read = 0;
  std::int64_t unjudged = 0;
  std::int64_t total = 0;
  std::int64_t done = 0;
  std::vector<Position> next;
};

/// How a stream of messages is written. Each call appends.
class StreamText {
 public:
  virtual ~StreamText() = default;

  virtual void begin(std::string& out, const std::string& topic, const std::vector<Range>& ranges,
                     std::int64_t total) = 0;
  virtual void row(std::string& out, const Row& row) = 0;
  virtual void progress(std::string& out, const Progress& progress) = 0;
  virtual void note(std::string& out, const Note& note) = 0;
  /// `reason` is "end" or "limit".
  virtual void end(std::string& out, const Progress& progress, std::string_view reason,
                   std::optional<std::int64_t> without_key) = 0;
  /// The last of a stream that cannot go on. Throws where the form has no place for it: the connection then breaks off,
  /// so that nobody takes a half for the whole.
  virtual void problem(std::string& out, const Error& error) = 0;
};

/// Lines of NDJSON (web/openapi.json, StreamLine), the messages alone, or CSV. `query` outlives it.
std::unique_ptr<StreamText> make_stream_text(const MessageQuery& query);

}  // namespace foodorder::inspector
