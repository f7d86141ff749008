# cmake -D LIST=files.txt -D SALT=... -D NAME=... -D CUDA=True|False -D VERSION=... -D HEADER=x.hpp -D MODULE=_build.py -P:
# the name of the ops' namespace, for C++ and for Python. Its hash is over all that makes the library what it is: the
# sources named in LIST, and SALT, how they are compiled. So two builds that differ never share a namespace, and two copies
# of one build have the same one and the same code.
cmake_minimum_required(VERSION 3.25)
file(STRINGS ${LIST} sources)
set(text "${SALT}")
foreach(source ${sources})
  file(SHA256 ${source} digest)
  string(APPEND text "${digest}")
endforeach()
string(SHA256 digest "${text}")
string(SUBSTRING ${digest} 0 12 digest)
set(namespace ${NAME}_${digest})

# An unchanged header compiles nothing again.
function(write_if_different path content)
  if(EXISTS ${path})
    file(READ ${path} before)
    if(before STREQUAL content)
      return()
    endif()
  endif()
  file(WRITE ${path} "${content}")
endfunction()

write_if_different(${HEADER} "#pragma once\n#define KIR_NAMESPACE ${namespace}\n")
write_if_different(${MODULE} "\"\"\"How this copy was built. Written by the build.\"\"\"

NAMESPACE = \"${namespace}\"
CUDA = ${CUDA}
VERSION = \"${VERSION}\"
")
