#include "api.hpp"
#include "web/assets.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace foodorder::app {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether an Accept-Encoding has gzip with a weight above 0 (RFC 9110 section 12.5.3).
bool accepts_gzip(std::string_view codings) {
  while (!codings.empty()) {
    const std::string_view one = codings.substr(0, codings.find(','));
    codings.remove_prefix(std::min(one.size() + 1, codings.size()));
    const std::size_t parameters = one.find(';');
    if (trimmed(one.substr(0, parameters)) != "gzip") continue;
    const std::size_t weight = parameters == std::string_view::npos ? parameters : one.find("q=", parameters);
    return weight == std::string_view::npos || one.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

http::Response embedded(const web::Asset& asset, const http::Request& request) {
  http::Response response;
  response.content_type = std::string(asset.content_type);
  // Asked for again each time; the server answers without a body while it is the same.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  std::string etag(asset.etag);
  if (accepts_gzip(request.header("Accept-Encoding").value_or(""))) {
    etag.insert(etag.size() - 1, "-gzip");  // another content
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = std::string(asset.gzip);
  } else {
    response.body = std::string(asset.body);
  }
  response.headers.emplace_back("ETag", std::move(etag));
  return response;
}

std::filesystem::path file_of(const std::string& web_dir, std::string_view path) {
  return std::filesystem::path(web_dir) / (path == "/" ? "index.html" : path.substr(1));
}

Task<http::Response> serve(const web::Asset& asset, const std::string& web_dir, const http::Request& request) {
  std::ifstream file;
  if (!web_dir.empty()) file.open(file_of(web_dir, asset.path), std::ios::binary);
  if (!file.is_open()) co_return embedded(asset, request);
  http::Response response(200, std::string(asset.content_type), "");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body.assign(std::istreambuf_iterator<char>(file), {});
  co_return response;
}

/// `start` is the page at "/".
std::vector<http::Route> routes_of(const std::string& web_dir, std::string_view start) {
  std::vector<http::Route> routes;
  const auto add = [&](std::string_view path, const web::Asset& asset) {
    routes.emplace_back(http::Method::get, std::string(path),
                        [&asset, web_dir](http::Request& request) { return serve(asset, web_dir, request); });
  };
  for (const web::Asset& asset : web::assets()) {
    if (asset.path == start) add("/", asset);
    add(asset.path == "/" ? "/dashboard.html" : asset.path, asset);
  }
  return routes;
}

}  // namespace

std::vector<http::Route> asset_routes(const std::string& web_dir) {
  if (!web_dir.empty() && !std::filesystem::exists(file_of(web_dir, "/")))
    throw std::runtime_error(fmt::format("--web-dir: there is no index.html in \"{}\"", web_dir));
  return routes_of(web_dir, "/");
}

std::vector<http::Route> inspector_asset_routes(const std::string& web_dir) {
  return routes_of(web_dir, "/inspector.html");
}

}  // namespace foodorder::app
