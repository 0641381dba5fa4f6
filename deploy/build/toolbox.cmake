# Compiler settings, the faster tools when they are present, and the functions the project has.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Depending on what the compiler says it has read saves running the preprocessor once more.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 ${CCACHE_PROGRAM})
endif()

find_program(LLD_PROGRAM NAMES ld.lld)
if(LLD_PROGRAM)
  add_link_options(-fuse-ld=lld)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wswitch-enum -Wno-missing-field-initializers -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wthread-safety)
elseif(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  # GCC 12 loses track of what is initialised in the standard library once sanitizers add their
  # branches (std::function in <regex>, for one). The build without them keeps the warning.
  add_compile_options(-Wno-maybe-uninitialized)
endif()

# jit_room(name SOURCES … LINKS …): one library per room. Includes are written from the root of the
# project ("broker/core/names.h"), so that the reader sees at once whose word is used.
function(jit_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  if(ROOM_SOURCES)
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ROOM_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ROOM_LINKS})
  endif()
endfunction()

# jit_reckons(name…): rooms that reckon instead of waiting. They are optimised a little even where
# nothing else is, for the simulation does little else but call them.
function(jit_reckons)
  foreach(name ${ARGN})
    target_compile_options(${name} PRIVATE $<$<CONFIG:Debug>:-O1>)
  endforeach()
endfunction()

# jit_test(name LABEL fast SOURCES … LINKS …): one test program per folder under tests/.
function(jit_test name)
  cmake_parse_arguments(TEST "" "LABEL;TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  # The long ones begin first, so that none is left to run alone at the end.
  set(cost 0)
  if(TEST_LABEL MATCHES "^(slow|end_to_end|simulation)$")
    set(cost 100)
  endif()
  set_property(GLOBAL APPEND PROPERTY JIT_TESTS_${TEST_LABEL} ${name})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE JIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    JIT_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${TEST_TIMEOUT} COST ${cost})
endfunction()

# jit_embed(out folder): writes a header with the text of every .sql file of a folder, so that SQL is
# read and reviewed as SQL. kSqlFiles is a list of {name, text} in the order of the names; it is not
# inline, because every room has one of its own.
function(jit_embed out folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sql)
  list(SORT files)
  set(body "// Made from ${folder}/*.sql.\n#pragma once\n#include <utility>\n\n")
  string(APPEND body "constexpr std::pair<const char*, const char*> kSqlFiles[] = {\n")
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND body "{\"${name}\", R\"sqltext(${text})sqltext\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  string(APPEND body "};\n")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${out} CONTENT "${body}" @ONLY)
endfunction()

# jit_reaches_grpc(target out): whether a target links gRPC, by itself or through what it links.
function(jit_reaches_grpc target out)
  set(pending ${target})
  set(seen)
  set(${out} FALSE PARENT_SCOPE)
  while(pending)
    list(POP_FRONT pending next)
    if(next MATCHES "^gRPC::" OR next STREQUAL "jit_proto")
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
    if(TARGET ${next} AND (next STREQUAL target OR next MATCHES "^jit_") AND NOT next IN_LIST seen)
      list(APPEND seen ${next})
      foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
        get_target_property(links ${next} ${property})
        if(links)
          list(APPEND pending ${links})
        endif()
      endforeach()
    endif()
  endwhile()
endfunction()

# jit_declare_free_of_grpc(): the target free_of_grpc, which builds every test program labelled fast
# or postgres that does not reach gRPC; the others start the programs, which do. The packaged gRPC is
# not instrumented, so the thread sanitizer is blind around it.
function(jit_declare_free_of_grpc)
  add_custom_target(free_of_grpc)
  get_property(fast GLOBAL PROPERTY JIT_TESTS_fast)
  get_property(postgres GLOBAL PROPERTY JIT_TESTS_postgres)
  foreach(test ${fast} ${postgres})
    jit_reaches_grpc(${test} reaches)
    if(NOT reaches)
      add_dependencies(free_of_grpc ${test})
    endif()
  endforeach()
endfunction()
