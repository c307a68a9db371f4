# -O2: -O3 was measured to give nothing, and takes longer to build.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# Options that every target of ours is compiled with.
add_library(foodorder_options INTERFACE)
target_compile_options(foodorder_options INTERFACE -fPIC -Wall -Wextra -Wshadow -Wconversion -Werror)
# Asio takes the frames of coroutines from operator new, which costs less than half of aligned_alloc().
target_compile_definitions(foodorder_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
# Libraries with definitions of their own stand here, or the precompiled headers would not fit every target.
target_link_libraries(foodorder_options INTERFACE
  Boost::headers Boost::json fmt::fmt spdlog::spdlog prometheus-cpp::core Threads::Threads)
# GCC 12 and 13 warn of things in Boost and the standard library that are none, once they are inlined into us.
target_compile_options(foodorder_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-restrict
  -Wno-array-bounds -Wno-mismatched-new-delete
  $<$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>:-Wno-dangling-reference>)

if(FOODORDER_SANITIZE)
  # -O1: higher levels of GCC 12 break coroutines under the sanitizers.
  add_compile_options(-fsanitize=${FOODORDER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1 -g)
  add_link_options(-fsanitize=${FOODORDER_SANITIZE})
  if(FOODORDER_SANITIZE MATCHES "thread")
    # Asio's fences stand beside locks, which the sanitizer does see.
    target_compile_options(foodorder_options INTERFACE -Wno-tsan)
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers need these two of ccache's checks off; base_dir lets other checkouts share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD ld.mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The headers that nearly every file reads, compiled once.
add_library(foodorder_pch STATIC ${PROJECT_SOURCE_DIR}/src/pch.cpp)
target_link_libraries(foodorder_pch PUBLIC foodorder_options)
target_compile_options(foodorder_pch PUBLIC -fpch-preprocess)
target_precompile_headers(foodorder_pch PRIVATE
  <algorithm> <chrono> <functional> <map> <memory> <optional> <string> <string_view> <unordered_map> <variant> <vector>
  <fmt/format.h> <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
  <boost/asio/deferred.hpp> <boost/asio/detached.hpp> <boost/asio/post.hpp> <boost/json.hpp>
  <boost/system/result.hpp>)
