#   foodorder_plugin(name SOURCES file... [LINKS target...])
#
# A shared library plugins/<name>.so of the build directory, for `foodorder --plugin`: one source has FOODORDER_PLUGIN
# in it. It sees include/foodorder/ and links none of those libraries: the program exports them.
function(foodorder_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} MODULE ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${name} PRIVATE foodorder_options ${arg_LINKS})
  # No define of its own, or the precompiled headers would not fit.
  set_target_properties(${name} PROPERTIES PREFIX "" DEFINE_SYMBOL ""
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins)
  target_precompile_headers(${name} REUSE_FROM foodorder_pch)
endfunction()
