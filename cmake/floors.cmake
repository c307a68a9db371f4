# The floors of the house: a target may link only targets on a strictly lower floor, so that siblings and upper floors
# stay strangers. docs/internals/architecture.md draws them.
#
#   foodorder_library(name FLOOR n SOURCES file... [LINKS target...] [PRIVATE_LINKS target...])
#
# LINKS are for users of the public headers, PRIVATE_LINKS for the bodies only. Targets without a floor (Boost, fmt, ...)
# are free.

function(foodorder_check_floor target floor)
  foreach(link IN LISTS ARGN)
    if(TARGET ${link})
      get_target_property(link_floor ${link} FOODORDER_FLOOR)
      if(NOT link_floor STREQUAL "link_floor-NOTFOUND" AND NOT link_floor LESS floor)
        message(FATAL_ERROR
          "${target} is on floor ${floor} and may link lower floors only, but ${link} is on floor ${link_floor}")
      endif()
    elseif(link MATCHES "^foodorder_")
      message(FATAL_ERROR "${target} links ${link}, which is not defined yet: lower floors are added first")
    endif()
  endforeach()
endfunction()

function(foodorder_library name)
  cmake_parse_arguments(arg "" "FLOOR" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(NOT DEFINED arg_FLOOR OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "foodorder_library(${name} FLOOR n SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])")
  endif()
  foodorder_check_floor(${name} ${arg_FLOOR} ${arg_LINKS} ${arg_PRIVATE_LINKS})
  add_library(${name} STATIC ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES FOODORDER_FLOOR ${arg_FLOOR})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT CMAKE_CURRENT_SOURCE_DIR MATCHES "/plugins/")  # a module sees the public headers only
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  endif()
  target_link_libraries(${name} PUBLIC foodorder_options ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  if(TARGET foodorder_pch)
    target_precompile_headers(${name} REUSE_FROM foodorder_pch)
  endif()
endfunction()
