#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace foodorder {

namespace asio = boost::asio;

/// A lazily started coroutine. Everything of ours runs on one thread, so a Task needs no locks; it may
/// be abandoned at any `co_await` (see FaultDomain), so a destructor on its stack does nothing but free.
template <class T = void>
using Task = asio::awaitable<T>;

using Executor = asio::any_io_executor;

}  // namespace foodorder
