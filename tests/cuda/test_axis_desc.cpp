// What device code is told of an axis. Needs no GPU.
#include "kernels/cuda/axis_desc.hpp"
#include "tests/catch.hpp"

using namespace kir;

TEST_CASE("integer rows have room for every filter's window, as float rows have", "[axis_desc]") {
  for (const Filter filter :
       {Filter::nearest, Filter::box, Filter::bilinear, Filter::hamming, Filter::bicubic, Filter::lanczos3}) {
    for (const std::int32_t in : {1, 5, 64, 640}) {
      for (const std::int32_t out : {1, 3, 64, 100}) {
        const Axis axis{in, out, 0, out, 0, static_cast<double>(in), filter, Border::renormalize, true, false};
        CAPTURE(name_of(filter), in, out);
        const int want = max_taps(axis, Arithmetic::float32);
        CHECK(cuda::max_taps_of(cuda::axis_desc(axis, true, Arithmetic::float32)) == want);
        CHECK(cuda::max_taps_of(cuda::axis_desc(axis, true, Arithmetic::torch_int16)) == want);
      }
    }
  }
}
