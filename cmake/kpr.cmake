# kpr_library(NAME SOURCES... [DEPS ...]): one module, as a static library kpr::NAME. Tests named *_test.cc
# among the sources become an executable of their own when BUILD_TESTING is on.
include(CTest)
find_package(GTest REQUIRED)

function(kpr_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;TESTS" ${ARGN})
  add_library(kpr_${name} STATIC ${ARG_SOURCES})
  add_library(kpr::${name} ALIAS kpr_${name})
  target_link_libraries(kpr_${name} PUBLIC kpr_flags ${ARG_DEPS})
  if(BUILD_TESTING AND ARG_TESTS AND NOT KPR_FUZZ)
    kpr_test(${name}_test SOURCES ${ARG_TESTS} DEPS kpr::${name} LABELS unit)
  endif()
endfunction()

function(kpr_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE kpr_flags ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS "${ARG_LABELS}")
endfunction()

# kpr_embed(TARGET NAME FILES...): builds the files into the target as kpr::embedded::NAME().
function(kpr_embed target name)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}_embedded.cc)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
  string(REPLACE ";" "|" joined "${paths}")
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=${name} "-DFILES=${joined}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
