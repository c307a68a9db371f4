#include "foodorder/runtime/module.hpp"

#include <boost/beast/core.hpp>   // breach: socket
#include "order/order_store.hpp"  // breach: floor

Task<> run() {
  if (co_await next()) co_return;             // breach: co_await
  while (ready(now()) && !co_await next()) {  // breach: co_await
    CHECK(co_await next());                   // breach: co_await
  }
  if (auto record = co_await next()) co_return;
  if (ready(now())) co_await next();
  co_await wait(at ? *at : now());  // breach: co_await
}
