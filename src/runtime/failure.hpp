#pragma once

#include <exception>
#include <functional>
#include <string>

namespace foodorder {

/// What `call` threw, or null. For calls into a module: a plugin's author may throw anything.
std::exception_ptr failure_of(const std::function<void()>& call);

/// A line for people.
std::string what_failed(const std::exception_ptr& failure);

}  // namespace foodorder
