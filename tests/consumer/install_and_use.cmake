# cmake -D SOURCE=... -D WORK=... -P: builds the library alone, installs it, builds examples/cpp_consumer against it and runs it.
cmake_minimum_required(VERSION 3.25)

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK}/prefix ${WORK}/moved ${WORK}/example)
set(common -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE})

# The library alone: none of what only developers need may be looked for
set(without "")
foreach(package Catch2 CLI11 benchmark JPEG PNG Eigen3 Python3)
  list(APPEND without -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/library ${common} ${without} -DKIR_DEVELOPER=OFF -DKIR_CUDA=OFF)
run(${CMAKE_COMMAND} --build ${WORK}/library)
run(${CMAKE_COMMAND} --install ${WORK}/library --prefix ${WORK}/prefix)
file(RENAME ${WORK}/prefix ${WORK}/moved)  # an installed package does not know where it was installed

# The program: it may not find this repository's packages through anything but the prefix, and needs nlohmann_json no longer
run(${CMAKE_COMMAND} -S ${SOURCE}/examples/cpp_consumer -B ${WORK}/example ${common}
    -DCMAKE_PREFIX_PATH=${WORK}/moved -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON)
run(${CMAKE_COMMAND} --build ${WORK}/example)
run(${WORK}/example/cpp_consumer)
foreach(config siglip clip)
  run(${WORK}/example/cpp_consumer ${SOURCE}/configs/processors/${config}.json)
endforeach()

# Built without CUDA, the factories say so
execute_process(COMMAND ${WORK}/example/cpp_consumer_cuda OUTPUT_VARIABLE text RESULT_VARIABLE code)
message(STATUS "${text}")
if(NOT code EQUAL 0 OR NOT text MATCHES "no backend: cuda-separable: this build has no CUDA code: KIR_CUDA is OFF")
  message(FATAL_ERROR "without CUDA the factory must say why: exit code ${code}: ${text}")
endif()

# A file that is none is refused with exit code 2
execute_process(COMMAND ${WORK}/example/cpp_consumer ${WORK}/no_such_file.json RESULT_VARIABLE code)
if(NOT code EQUAL 2)
  message(FATAL_ERROR "a missing configuration gave exit code ${code}, not 2")
endif()
