// A build without CUDA: everything says so.
#include "cuda.hpp"
#include "errors.hpp"

namespace kir::python {

const Backend& cuda_backend(std::string_view, const char* argument) {
  throw_value_error(argument, "CUDA is asked for, and this build has no CUDA code (" KIR_CUDA_REASON
                              "). To get it: with nvcc 12.0 or newer on PATH and a CUDA build of torch, "
                              "pip install --force-reinstall --no-deps .");
}

// Nothing below is reached: cuda_backend() comes first.
std::int32_t index_of(const Device&) {
  return -1;
}
CurrentDevice::CurrentDevice(std::int32_t) {}
CurrentDevice::~CurrentDevice() = default;
void* current_stream(std::int32_t) {
  return nullptr;
}
void keep_pinned(const std::vector<Tensor>&, void*) {}

}  // namespace kir::python
