# cmake --install: the program, its configuration, the manual page and the completion for bash. The page is in the
# program. docs/run/install.md says where things go.
include(GNUInstallDirs)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(share ${PROJECT_BINARY_DIR}/share)
add_custom_command(OUTPUT ${share}/foodorder.1 ${share}/foodorder.bash
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/from_help.py $<TARGET_FILE:foodorder> ${share}
  DEPENDS foodorder ${PROJECT_SOURCE_DIR}/cmake/from_help.py
  COMMENT "Writing the manual page and the completion of foodorder")
add_custom_target(foodorder_share ALL DEPENDS ${share}/foodorder.1 ${share}/foodorder.bash)

install(TARGETS foodorder)
install(FILES config/foodorder.toml DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/foodorder)
install(FILES ${share}/foodorder.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${share}/foodorder.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME foodorder)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
