#include "hunt.hpp"
#include "support/catch.hpp"

// One file of the program was replaced by a copy with a bug when this was linked; see CMakeLists.txt beside.

namespace foodorder::simulation {
// The copy tells what is wrong with it, and which rules may say so.
extern const char* const planted_bug;
extern const char* const planted_bug_caught_by;
extern const Architecture planted_bug_architecture;
}  // namespace foodorder::simulation

using namespace foodorder::simulation;

TEST_CASE("A bug planted into a copy of a source file is caught") {
  const std::optional<Caught> caught = hunt(Make{product_modules(), {}, {}, planted_bug_architecture}, 5'000);
  print_row(planted_bug, caught);
  REQUIRE(caught);
  INFO(caught->violation.rule << ": " << caught->violation.what);
  const std::string allowed = std::string(" ") + planted_bug_caught_by + " ";
  CHECK(allowed.find(" " + caught->violation.rule + " ") != std::string::npos);
}
