#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <string>

// A bare HTTP server on Beast, the least that placing an order takes: it parses the order, keeps it and answers with
// it. No checks, no events, no limits, no timeouts. GET gives the number of orders, and what else is to be told.

namespace foodorder::bench {

/// What an order waits for before it is answered; it is given its id and its JSON. Nothing: it waits for nothing.
using BeforeAnswer = std::function<boost::asio::awaitable<void>(const std::string& id, const std::string& order)>;

/// What GET gives behind the number of orders.
using Tell = std::function<std::string()>;

/// Serves on loopback until the process is ended.
void run_bare_server(boost::asio::io_context& loop, std::uint16_t port, BeforeAnswer before_answer, Tell tell = {});

}  // namespace foodorder::bench
