# TorchLibs::c10 and TorchLibs::torch_cpu: the C++ libraries inside the torch package of KIR_PYTHON, CPU or CUDA build.
#
# Torch's own CMake config is not used: it fails without nvcc, and with nvcc 13 it asks for architectures that nvcc 13 no
# longer has. Only the CPU library is linked, so neither a CUDA compiler nor a GPU is needed. Include <ATen/ops/NAME.h>,
# never <torch/torch.h>: 4 seconds a file against 19.
#
# In: KIR_PYTHON. Out: the two targets, TorchLibs_VERSION ("2.11.0+cu130"), TorchLibs_FOUND.

if(NOT TorchLibs_PYTHON STREQUAL KIR_PYTHON OR NOT EXISTS "${TorchLibs_PATH}/include/ATen")
  execute_process(
    COMMAND "${KIR_PYTHON}" -c
            "import torch; print(torch.__path__[0], torch.__version__, int(torch.compiled_with_cxx11_abi()), sep=';', end='')"
    OUTPUT_VARIABLE facts RESULT_VARIABLE status ERROR_VARIABLE complaint)
  if(status EQUAL 0)
    list(GET facts 0 path)
    list(GET facts 1 version)
    list(GET facts 2 cxx11_abi)
    set(TorchLibs_PYTHON "${KIR_PYTHON}" CACHE INTERNAL "The interpreter that answered")
    set(TorchLibs_PATH "${path}" CACHE INTERNAL "Its torch package")
    set(TorchLibs_VERSION "${version}" CACHE INTERNAL "torch.__version__")
    set(TorchLibs_CXX11_ABI "${cxx11_abi}" CACHE INTERNAL "The _GLIBCXX_USE_CXX11_ABI that torch was built with")
    # Another interpreter's libraries may not stay in the cache.
    unset(TorchLibs_torch_cpu CACHE)
    unset(TorchLibs_c10 CACHE)
  else()
    message(STATUS "KIR_PYTHON=${KIR_PYTHON} cannot import torch: ${complaint}")
    unset(TorchLibs_PATH CACHE)
  endif()
endif()

# PyPI puts the libraries into the package; distributions may put them into the system's folder.
find_library(TorchLibs_torch_cpu torch_cpu HINTS "${TorchLibs_PATH}/lib")
find_library(TorchLibs_c10 c10 HINTS "${TorchLibs_PATH}/lib")
mark_as_advanced(TorchLibs_torch_cpu TorchLibs_c10)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TorchLibs
  REQUIRED_VARS TorchLibs_torch_cpu TorchLibs_c10 TorchLibs_PATH
  VERSION_VAR TorchLibs_VERSION
  REASON_FAILURE_MESSAGE "KIR_PYTHON (${KIR_PYTHON}) must be an interpreter that has torch, as the .venv of make has")

if(TorchLibs_FOUND AND NOT TARGET TorchLibs::torch_cpu)
  # The CUDA build of libtorch_cpu.so needs libcudart and libcupti from the nvidia packages beside torch. At run time its
  # own rpath finds them; the linker wants to be told. The rpath to torch/lib itself CMake adds, as for every shared library.
  file(GLOB nvidia_folders "${TorchLibs_PATH}/../nvidia/*/lib")
  get_filename_component(torch_folder "${TorchLibs_torch_cpu}" DIRECTORY)
  list(TRANSFORM nvidia_folders PREPEND "LINKER:-rpath-link," OUTPUT_VARIABLE link_options)
  list(APPEND link_options "LINKER:-rpath-link,${torch_folder}")

  add_library(TorchLibs::c10 SHARED IMPORTED)
  set_target_properties(TorchLibs::c10 PROPERTIES
    IMPORTED_LOCATION "${TorchLibs_c10}"
    INTERFACE_INCLUDE_DIRECTORIES "${TorchLibs_PATH}/include"
    INTERFACE_COMPILE_DEFINITIONS "_GLIBCXX_USE_CXX11_ABI=${TorchLibs_CXX11_ABI}"
    INTERFACE_LINK_OPTIONS "${link_options}")
  add_library(TorchLibs::torch_cpu SHARED IMPORTED)
  set_target_properties(TorchLibs::torch_cpu PROPERTIES
    IMPORTED_LOCATION "${TorchLibs_torch_cpu}"
    INTERFACE_LINK_LIBRARIES TorchLibs::c10)
endif()
