# What the program is built from, all of it from Debian's packages (script/bootstrap installs them).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(tomlplusplus REQUIRED)
find_package(SQLiteCpp REQUIRED)
set(CURSES_NEED_WIDE TRUE)
find_package(Curses REQUIRED)
find_package(CLI11 QUIET)
if(NOT TARGET CLI11::CLI11)  # Debian 12 packages the header without its CMake file
  find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
  add_library(CLI11::CLI11 INTERFACE IMPORTED)
  target_include_directories(CLI11::CLI11 INTERFACE ${CLI11_INCLUDE_DIR})
endif()
# The allocator of what users run: an order with all that follows is 155 allocations, and it gives memory back to the
# system. Version 2 only: 3.0 of Debian 13 is a beta. The sanitizers bring their own. It is for C++ alone: behind the C
# library in the order of the libraries it gives new and delete, but not malloc(), which is librdkafka's. Its threads free
# what others have taken, and glibc is better at that.
add_library(foodorder_allocator INTERFACE)
if(NOT FOODORDER_SANITIZE)
  find_package(mimalloc 2.0 QUIET)
  if(mimalloc_FOUND)
    target_link_libraries(foodorder_allocator INTERFACE
      -Wl,--push-state,--no-as-needed,-lc,--pop-state $<LINK_ONLY:mimalloc>)
    target_sources(foodorder_allocator INTERFACE ${PROJECT_SOURCE_DIR}/src/allocator.cpp)
  else()
    message(STATUS "No mimalloc 2: the program uses the allocator of the C library")
  endif()
endif()
if(FOODORDER_TESTS)
  find_package(Catch2 REQUIRED)  # 2 on Debian 12, 3 on Debian 13
endif()
