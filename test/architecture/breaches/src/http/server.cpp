#include "foodorder/http/server.hpp"

#include "foodorder/base/ids.hpp"
#include "nowhere.hpp"  // breach: lost

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http.hpp>

void serve() {
  try {
    accept();
  } catch (...) {  // breach: catch-all
  }
}
