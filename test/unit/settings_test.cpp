#include "foodorder/runtime/settings.hpp"
#include "support/catch.hpp"

#include <limits>

using namespace foodorder;

namespace {

std::vector<SettingSpec> some_specs() {
  std::vector<SettingSpec> specs;
  specs.push_back(SettingSpec::integer("windowMs", 60'000, 1'000, 3'600'000, "how long"));
  specs.push_back(SettingSpec::number("failRate", 0.3, 0, 0.5, "how many"));
  specs.push_back(SettingSpec::choice("failMode", "dlq", {"dlq", "drop"}, "what follows"));
  return specs;
}

const SettingSpec window = some_specs()[0];
const SettingSpec rate = some_specs()[1];
const SettingSpec mode = some_specs()[2];

const SettingValue tiny = std::int64_t{1};

}  // namespace

TEST_CASE("Settings begin with their defaults") {
  const Settings settings(some_specs());
  CHECK(settings.integer("windowMs") == 60'000);
  CHECK(settings.number("failRate") == 0.3);
  CHECK(settings.text("failMode") == "dlq");
  CHECK(settings.values().size() == settings.specs().size());
}

TEST_CASE("A setting takes its limits and nothing beyond them") {
  CHECK(window.check(std::int64_t{1'000}).has_value());
  CHECK(window.check(std::int64_t{3'600'000}).has_value());
  CHECK_FALSE(window.check(std::int64_t{999}).has_value());
  CHECK_FALSE(window.check(std::int64_t{3'600'001}).has_value());
  CHECK(rate.check(0.0).has_value());
  CHECK(rate.check(0.5).has_value());
  CHECK_FALSE(rate.check(0.51).has_value());
  CHECK_FALSE(rate.check(-0.01).has_value());
  CHECK_FALSE(rate.check(std::numeric_limits<double>::quiet_NaN()).has_value());
  CHECK_FALSE(rate.check(std::numeric_limits<double>::infinity()).has_value());
  CHECK(mode.check(std::string("drop")).has_value());
  CHECK_FALSE(mode.check(std::string("Drop")).has_value());
}

TEST_CASE("A setting takes its own type, and a number an integer, too") {
  CHECK_FALSE(window.check(5'000.0).has_value());
  CHECK_FALSE(window.check(std::string("5000")).has_value());
  CHECK_FALSE(mode.check(tiny).has_value());
  CHECK_FALSE(rate.check(std::string("0.1")).has_value());
  const auto whole = rate.check(std::int64_t{0});
  REQUIRE(whole.has_value());
  CHECK(std::get<double>(*whole) == 0.0);
}

TEST_CASE("A setting is read from text as a whole") {
  CHECK(std::get<std::int64_t>(*window.parse("5000")) == 5'000);
  CHECK(std::get<double>(*rate.parse("0.25")) == 0.25);
  CHECK(std::get<double>(*rate.parse("0")) == 0.0);
  CHECK(std::get<std::string>(*mode.parse("drop")) == "drop");
  for (const char* text : {"", " 5000", "5000 ", "5000ms", "5e3", "0x1388", "99999999999999999999", "nan"})
    CHECK_FALSE(window.parse(text).has_value());
  for (const char* text : {"", "often", "0.1x", "1e400", "nan", "inf"}) CHECK_FALSE(rate.parse(text).has_value());
}

TEST_CASE("What a setting allows is said in words, fractions as they are") {
  CHECK(window.allowed() == "an integer from 1000 to 3600000");
  CHECK(rate.allowed() == "a number from 0 to 0.5");
  CHECK(SettingSpec::number("amount", 1, 0, 100'000'000, "").allowed() == "a number from 0 to 100000000");
  CHECK(mode.allowed() == "one of dlq, drop");
  CHECK(rate.check(7.0).error().message == "failRate must be a number from 0 to 0.5");
}

TEST_CASE("A refused value changes nothing, and says which setting and what is allowed") {
  Settings settings(some_specs());
  REQUIRE(settings.set("windowMs", std::int64_t{5'000}).has_value());
  const auto refused = settings.set("windowMs", tiny);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::invalid_argument);
  CHECK(refused.error().message == "windowMs must be an integer from 1000 to 3600000");
  CHECK(settings.integer("windowMs") == 5'000);
}

TEST_CASE("A setting that is not there is refused with those that are") {
  Settings settings(some_specs());
  const auto refused = settings.set("windowms", tiny);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::not_found);
  CHECK(refused.error().message == "there is no setting windowms: it is one of windowMs, failRate, failMode");
  CHECK(Settings().set("windowMs", tiny).error().message == "there is no setting windowMs: this module has none");
}
