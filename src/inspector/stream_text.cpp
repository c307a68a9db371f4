#include "stream_text.hpp"

#include "csv.hpp"
#include "trouble.hpp"

#include <stdexcept>

namespace foodorder::inspector {

namespace {

json::array cursors(const std::vector<Position>& places) {
  json::array list;
  for (const Position& place : places)
    list.push_back(json::object{{"partition", place.tp.partition}, {"offset", place.offset}});
  return list;
}

json::object progress_to_json(const Progress& progress) {
  return {{"shown", progress.shown}, {"read", progress.read}, {"unjudged", progress.unjudged},
          {"total", progress.total}, {"done", progress.done}, {"next", cursors(progress.next)}};
}

void add_line(std::string& out, const json::object& line) { (out += serialize_json(line)) += '\n'; }

void add_row(std::string& out, const Row& row, const MessageQuery& query) {
  out += to_json(row, query);
  out += '\n';
}

class Lines final : public StreamText {
 public:
  explicit Lines(const MessageQuery& query) : query_(query) {}

  void begin(std::string& out, const std::string& topic, const std::vector<Range>& ranges,
             std::int64_t total) override {
    json::array partitions;
    for (const Range& range : ranges)
      partitions.push_back(
          json::object{{"partition", range.partition}, {"offset", range.begin}, {"endOffset", range.end}});
    add_line(out, {{"begin", json::object{{"topic", topic}, {"total", total}, {"partitions", std::move(partitions)}}}});
  }
  void row(std::string& out, const Row& row) override { add_row(out, row, query_); }
  void progress(std::string& out, const Progress& progress) override {
    add_line(out, {{"progress", progress_to_json(progress)}});
  }
  void note(std::string& out, const Note& note) override {
    add_line(out, {{"note", json::object{{"partition", note.partition}, {"text", note.text}}}});
  }
  void end(std::string& out, const Progress& progress, std::string_view reason,
           std::optional<std::int64_t> without_key) override {
    json::object body = progress_to_json(progress);
    body["reason"] = reason;
    if (without_key) body["withoutKey"] = *without_key;
    add_line(out, {{"end", std::move(body)}});
  }
  void problem(std::string& out, const Error& error) override {
    out += JsonObject().add_raw("problem", trouble(error).body).take() + "\n";
  }

 private:
  const MessageQuery& query_;
};

/// Rows and nothing else.
class File : public StreamText {
 public:
  void begin(std::string&, const std::string&, const std::vector<Range>&, std::int64_t) override {}
  void progress(std::string&, const Progress&) override {}
  void note(std::string&, const Note&) override {}
  void end(std::string&, const Progress&, std::string_view, std::optional<std::int64_t>) override {}
  void problem(std::string&, const Error& error) override {
    throw std::runtime_error("an export broke off: " + error.message);
  }
};

class NdjsonFile final : public File {
 public:
  explicit NdjsonFile(const MessageQuery& query) : query_(query) {}
  void row(std::string& out, const Row& row) override { add_row(out, row, query_); }

 private:
  const MessageQuery& query_;
};

class CsvFile final : public File {
 public:
  void begin(std::string& out, const std::string&, const std::vector<Range>&, std::int64_t) override {
    out += csv_head();
  }
  void row(std::string& out, const Row& row) override { out += to_csv(row.read); }
};

}  // namespace

std::unique_ptr<StreamText> make_stream_text(const MessageQuery& query) {
  if (query.shape == MessageQuery::Shape::export_csv) return std::make_unique<CsvFile>();
  if (query.shape == MessageQuery::Shape::export_ndjson) return std::make_unique<NdjsonFile>(query);
  return std::make_unique<Lines>(query);
}

}  // namespace foodorder::inspector
