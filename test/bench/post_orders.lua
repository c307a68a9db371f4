-- For wrk: places valid orders, every one of another customer in the pattern of `customers`.
--   wrk -t1 -c64 -d10s -s test/bench/post_orders.lua http://127.0.0.1:3001/api/orders
-- Prints anything but 201s as errors ("Non-2xx"). ORDERS_MAX, if set, ends it after so many orders.

local items = { "Margherita", "Pad Thai", "Ramen", "Falafel", "Poke Bowl", "Tikka Masala", "Burrito" }
local customers = 5000
local count = 0
local orders_max = tonumber(os.getenv("ORDERS_MAX"))

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

function request()
  count = count + 1
  if count == orders_max then wrk.thread:stop() end
  wrk.body = string.format('{"customerName":"Customer %d","item":"%s","quantity":%d,"price":%d.%02d}',
    count % customers, items[count % #items + 1], count % 4 + 1, count % 30 + 3, count % 100)
  return wrk.format()
end
