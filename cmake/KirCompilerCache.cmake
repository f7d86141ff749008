# ccache, where it is installed: a build folder that is thrown away costs little.
find_program(KIR_CCACHE ccache)
if(KIR_CCACHE)
  foreach(language CXX CUDA)
    if(NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${KIR_CCACHE})
    endif()
  endforeach()
endif()
