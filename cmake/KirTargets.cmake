# How every target of this project is built: warnings, floating point, sanitizers; and one way to add a library or a test.

add_library(kir_options INTERFACE)
target_compile_options(kir_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wpedantic>
  # gcc 12 sees overlapping copies in "text" + std::string() that are not there (gcc bug 105329).
  $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wshadow>
  # The arithmetic is part of the contract: the compiler may not fuse a*b+c behind the source's back.
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>
  $<$<COMPILE_LANGUAGE:CUDA>:-fmad=false> $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffp-contract=off>
  # Device code calls the constexpr functions of the plan's headers.
  $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>)
if(KIR_WERROR)
  target_compile_options(kir_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Werror> $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>
    $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Werror>)
endif()
if(KIR_SANITIZE)
  # One flag each: a generator expression ends at a space.
  foreach(flag -fsanitize=${KIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
    target_compile_options(kir_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${flag}>)
  endforeach()
  target_link_options(kir_options INTERFACE -fsanitize=${KIR_SANITIZE})
endif()

# kir_add_library(NAME sources...): a static library that sees include/ and the repository root ("weights/axis_table.hpp").
function(kir_add_library name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:kir_options>)
endfunction()

# kir_add_test(NAME SOURCES a.cpp b.cpp LIBRARIES x y LABEL unit): one Catch2 executable, one ctest entry.
# Labels: unit (seconds, part of `make check`), parity, bench, cli, cuda, sanitizer, consumer, lint. Extra ctest arguments go through TIMEOUT.
function(kir_add_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE kir_options kir_catch_main kir_test_support ${arg_LIBRARIES})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# kir_add_skipped_test(NAME LABEL "reason"): stands in ctest's list for a test that cannot run here, so that it is counted and named.
function(kir_add_skipped_test name label reason)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${reason}")
  set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()
