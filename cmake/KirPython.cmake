# KIR_PYTHON: the interpreter with torch that the reference links against and the Python tests run on.
# Default: the .venv that `make` builds, else the python3 on PATH.
set(KIR_PYTHON "" CACHE FILEPATH "Python interpreter with torch (default: .venv/bin/python, else python3)")
if(NOT KIR_PYTHON)
  if(PYTHON_EXECUTABLE)  # scikit-build-core says which interpreter it builds for
    set(KIR_PYTHON "${PYTHON_EXECUTABLE}" CACHE FILEPATH "" FORCE)
  elseif(EXISTS "${PROJECT_SOURCE_DIR}/.venv/bin/python")
    set(KIR_PYTHON "${PROJECT_SOURCE_DIR}/.venv/bin/python" CACHE FILEPATH "" FORCE)
  else()
    find_program(KIR_PYTHON_FOUND python3 REQUIRED)
    set(KIR_PYTHON "${KIR_PYTHON_FOUND}" CACHE FILEPATH "" FORCE)
  endif()
endif()
