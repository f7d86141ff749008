# cmake -D BUILD=... -D WORK=... -P: installs what this build made, CUDA code included, and builds and runs examples/cpp_consumer with it.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK}/prefix ${WORK}/example)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/examples/cpp_consumer -B ${WORK}/example -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DCUDAToolkit_ROOT=${TOOLKIT} -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON)
run(${CMAKE_COMMAND} --build ${WORK}/example)
run(${WORK}/example/cpp_consumer)
execute_process(COMMAND ${WORK}/example/cpp_consumer_cuda OUTPUT_VARIABLE text RESULT_VARIABLE code)
message(STATUS "${text}")
if(NOT code EQUAL 0 OR NOT text MATCHES "bytes of workspace|no backend: cuda-separable: no CUDA device: ")
  message(FATAL_ERROR "neither a backend nor a reason: exit code ${code}: ${text}")
endif()
