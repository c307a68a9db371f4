#include "app.hpp"
#include "builtin_modules.hpp"

#include <fmt/format.h>
#include <cstdio>
#include <cstdlib>
#include <exception>

int main(int argc, char** argv) {
  using namespace foodorder;
  const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  const auto parsed = parse_config({argv, static_cast<std::size_t>(argc)}, environment, builtin_modules());
  (void)parsed;
}
