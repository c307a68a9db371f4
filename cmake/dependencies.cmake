# What the program is built from, all of it from Debian's packages (script/bootstrap installs them).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 QUIET)
if(NOT TARGET CLI11::CLI11)  # Debian 12 packages the header without its CMake file
  find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
  add_library(CLI11::CLI11 INTERFACE IMPORTED)
  target_include_directories(CLI11::CLI11 INTERFACE ${CLI11_INCLUDE_DIR})
endif()
if(FOODORDER_TESTS)
  find_package(Catch2 REQUIRED)  # 2 on Debian 12, 3 on Debian 13
endif()
