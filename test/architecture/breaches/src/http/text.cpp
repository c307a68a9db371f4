std::string json(std::string_view name, std::string_view text) {
  std::string out = "{\"name\":" + quoted(name);         // breach: json
  append(out, ",\"text\":\"", text, "\"");               // breach: json
  append(out, R"(,"text":")", text, R"("})");            // breach: json
  return fmt::format(R"({{"name":"{}"}})", name) + out;  // breach: json
}

std::string link(std::string_view target) { return concat("<", target, ">; rel=\"next\""); }
