#include "api.hpp"
#include "foodorder/web/assets.hpp"

namespace foodorder::app {

namespace {

Task<http::Response> serve(const web::Asset& asset) {
  http::Response response;
  response.headers.emplace_back("ETag", std::string(asset.etag));
  // Asked for again each time; the server answers without a body while it is the same.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.content_type = std::string(asset.content_type);
  response.body = std::string(asset.body);
  co_return response;
}

}  // namespace

std::vector<http::Route> asset_routes() {
  std::vector<http::Route> routes;
  for (const web::Asset& asset : web::assets()) {
    routes.emplace_back(http::Method::get, std::string(asset.path), [&asset](http::Request&) { return serve(asset); });
  }
  return routes;
}

}  // namespace foodorder::app
