# cmake -D BUILD=_build.py -D NAME=kernel-image-resize -D VERSION=1 -D BACKEND={...} -D OUTPUT=metadata.json -P: what kernels reads of a variant.
# The id is the name under which it imports the kernel: unique to this build, as the ops' namespace is.
cmake_minimum_required(VERSION 3.25)
file(READ ${BUILD} text)
string(REGEX MATCH "NAMESPACE = \"[a-z_]*_([a-z]+_[0-9a-f]+)\"" found "${text}")
if(NOT found)
  message(FATAL_ERROR "${BUILD} names no namespace")
endif()
string(REPLACE "-" "_" module ${NAME})
file(WRITE ${OUTPUT} "{
  \"id\": \"_${module}_${CMAKE_MATCH_1}\",
  \"name\": \"${NAME}\",
  \"version\": ${VERSION},
  \"license\": \"Apache-2.0\",
  \"python-depends\": [],
  \"backend\": ${BACKEND}
}
")
