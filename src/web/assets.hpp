#pragma once

#include <span>
#include <string_view>

// The dashboard's files, which the build puts into the binary.

namespace foodorder::web {

struct Asset {
  std::string_view path;          ///< what it is served at: "/", "/style.css", "/js/main.js"
  std::string_view content_type;  ///< the Content-Type header
  std::string_view body;
  std::string_view gzip;  ///< the body, compressed
  std::string_view etag;  ///< the ETag header, quotes included; changes with the body and only with it
};

/// All of them, sorted by path. They live as long as the program.
std::span<const Asset> assets();

}  // namespace foodorder::web
