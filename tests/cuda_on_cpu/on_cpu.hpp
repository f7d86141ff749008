// What a test on the host sets and sees of the device that there is none of.
#pragma once

namespace kir::test {

inline int multiprocessors = 2;  ///< of it
inline int launches = 0;         ///< of kernels since the program began

}  // namespace kir::test
