# The rooms of the project: each folder is one static library, and may include and link only what it names.
include(CTest)
find_package(GTest REQUIRED)

# kpr_library(NAME FOLDER SOURCES... [DEPS ...] [TESTS ...]): the library kpr::NAME of one folder. Its headers are on the
# include path of whoever links it, and no other headers of ours are: an include of a room that is not among the
# dependencies does not compile. TESTS become the executable NAME_test.
function(kpr_library name)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;DEPS;TESTS" ${ARGN})
  string(REPLACE "${PROJECT_SOURCE_DIR}/" "" here ${CMAKE_CURRENT_SOURCE_DIR})
  set(folder ${here})
  if(ARG_FOLDER)
    set(folder ${here}/${ARG_FOLDER})
    list(TRANSFORM ARG_SOURCES PREPEND ${ARG_FOLDER}/)
    list(TRANSFORM ARG_TESTS PREPEND ${ARG_FOLDER}/)
  endif()
  add_library(kpr_${name} STATIC ${ARG_SOURCES})
  add_library(kpr::${name} ALIAS kpr_${name})
  kpr_expose(kpr_${name} ${folder})
  target_link_libraries(kpr_${name} PUBLIC kpr_flags ${ARG_DEPS})
  if(BUILD_TESTING AND ARG_TESTS AND NOT KPR_FUZZ)
    kpr_test(${name}_test SOURCES ${ARG_TESTS} DEPS kpr::${name} LABELS unit)
  endif()
endfunction()

# Puts the folder's headers, under their path in the repository, on the include path of the target and its users.
function(kpr_expose target folder)
  set(include ${PROJECT_BINARY_DIR}/include/${target})
  get_filename_component(parent ${include}/${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${include}/${folder} SYMBOLIC)
  target_include_directories(${target} PUBLIC ${include})
endfunction()

# The tests with the label "unit". Not built with the rest: ./run test runs them under the sanitizers alone.
add_custom_target(unit_tests)

# kpr_test(NAME SOURCES ... DEPS ... LABELS ... [SHARDS n]). Tests may include everything. Each file of a test keeps its own names, so a unity build leaves tests alone.
function(kpr_test name)
  cmake_parse_arguments(ARG "" "SHARDS" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  if("unit" IN_LIST ARG_LABELS)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    add_dependencies(unit_tests ${name})
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE kpr_flags ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  if(KPR_SANITIZE MATCHES undefined)  # not what a test file instantiates of headers: a third less to compile
    set_source_files_properties(${ARG_SOURCES} PROPERTIES COMPILE_OPTIONS -fno-sanitize=undefined)
  endif()
  if(NOT ARG_SHARDS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS "${ARG_LABELS}")
    return()
  endif()
  # In parts that run side by side, and first, as they take the longest.
  math(EXPR last "${ARG_SHARDS} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${name}_${shard} COMMAND ${name})
    set_tests_properties(${name}_${shard} PROPERTIES TIMEOUT 900 COST 400 LABELS "${ARG_LABELS}"
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()

# kpr_embed(TARGET NAME FILES...): builds the files into the target as kpr::embedded::NAME(). Files are relative to the
# folder, or absolute where they are built themselves.
function(kpr_embed target name)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}_embedded.cc)
  set(paths)
  foreach(file ${ARGN})
    get_filename_component(path ${file} ABSOLUTE)
    list(APPEND paths ${path})
  endforeach()
  string(REPLACE ";" "|" joined "${paths}")
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=${name} "-DFILES=${joined}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
  set_source_files_properties(${out} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
