// Plans a batch, asks for the CUDA backend, and shows how it would run; or says why there is none here.
#include <cstdio>
#include <memory>
#include <vector>

#include "kir/backend.hpp"
#include "kir/cuda.hpp"
#include "kir/error.hpp"
#include "kir/plan.hpp"
#include "kir/spec.hpp"

int main() {
  kir::ResizeNormalize request;
  request.height = request.width = 384;
  request.image_mean = request.image_std = {0.5};
  const std::vector<kir::ImageSize> sizes = {{3, 480, 640}, {3, 333, 1001}};
  const kir::Plan plan = kir::plan(kir::resize_normalize_spec(request), sizes);
  try {
    const std::unique_ptr<kir::Backend> backend = kir::make_cuda_separable_backend();
    std::printf("%zu bytes of workspace\n", backend->workspace_bytes(plan, {}));
    for (const std::string& line : backend->explain(plan)) std::printf("%s\n", line.c_str());
  } catch (const kir::Error& error) {
    if (error.code != kir::ErrorCode::unsupported) throw;
    std::printf("no backend: %s\n", error.what());
  }
  return 0;
}
