# What `cmake --install` leaves for a C++ program: the headers include/kir, the static libraries of json/, configuration/, plan/, weights/ and kernels/, and a
# package that find_package(kernel_image_resize) finds. Its targets are kernel_image_resize::kir, the planner and the CPU backend, and
# kernel_image_resize::cuda, the factories of kir/cuda.hpp. A package that was built without CUDA has the second target too: its
# factories throw and say so. One with CUDA needs the CUDA toolkit (its static runtime) where it is linked.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(kir_api INTERFACE)
add_library(kernel_image_resize::kir ALIAS kir_api)  # the same name for those who add_subdirectory() this project
set_target_properties(kir_api PROPERTIES EXPORT_NAME kir)
target_link_libraries(kir_api INTERFACE kir_cpu kir_plan)
target_compile_features(kir_api INTERFACE cxx_std_20)

add_library(kernel_image_resize::cuda ALIAS kir_cuda)
set_target_properties(kir_cuda PROPERTIES EXPORT_NAME cuda)
target_compile_features(kir_cuda PUBLIC cxx_std_20)

install(TARGETS kir_api kir_backend kir_configuration kir_cpu kir_json kir_plan kir_weights EXPORT kernel_image_resize ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS kir_cuda EXPORT kernel_image_resize_cuda ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/kir DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(kir_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/kernel_image_resize)
install(EXPORT kernel_image_resize NAMESPACE kernel_image_resize:: DESTINATION ${kir_package_dir}
        FILE kernel_image_resize-targets.cmake)
install(EXPORT kernel_image_resize_cuda NAMESPACE kernel_image_resize:: DESTINATION ${kir_package_dir}
        FILE kernel_image_resize-cuda-targets.cmake)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/kernel_image_resize-config.cmake.in
  ${PROJECT_BINARY_DIR}/kernel_image_resize-config.cmake
  INSTALL_DESTINATION ${kir_package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/kernel_image_resize-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/kernel_image_resize-config.cmake
              ${PROJECT_BINARY_DIR}/kernel_image_resize-config-version.cmake
        DESTINATION ${kir_package_dir})
