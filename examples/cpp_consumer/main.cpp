// Resizes and normalizes a ragged batch of uint8 images on the CPU: a specification, a plan, one run.
//   cpp_consumer                            a specification made here, with CLIP's mean and std
//   cpp_consumer preprocessor_config.json   that of a model
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "kir/backend.hpp"
#include "kir/cpu.hpp"
#include "kir/error.hpp"
#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace {

// One constant image: whatever the filter, each of its pixels stays what it is, so the right result is known.
struct ConstantImage {
  kir::ImageSize size;
  std::uint8_t level;
};
const std::vector<ConstantImage> kBatch = {
    {{3, 480, 640}, 0}, {{3, 333, 1001}, 77}, {{3, 1024, 384}, 200}, {{3, 31, 17}, 255}};

kir::ProcessorSpec make_spec(int argc, char** argv) {
  if (argc > 1) return kir::load_spec(argv[1]);
  kir::ResizeNormalize request;
  request.height = request.width = 384;
  request.image_mean = {0.48145466, 0.4578275, 0.40821073};
  request.image_std = {0.26862954, 0.26130258, 0.27577711};
  return kir::resize_normalize_spec(request);
}

// The value that a pixel of `level` must have in channel c of image n: that of the steps behind its resize.
double expected_value(const kir::Plan& plan, std::int64_t n, std::uint8_t level, std::int64_t c) {
  double value = level;
  const kir::Job& job = plan.levels.back().jobs[n];
  for (const kir::Step& step : plan.epilogues[job.epilogue].steps) {
    if (step.op == kir::Step::Op::mul) value *= step.c[c];
    if (step.op == kir::Step::Op::sub) value -= step.c[c];
    if (step.op == kir::Step::Op::div) value /= step.c[c];
  }
  return value;
}

int run(int argc, char** argv) {
  const kir::ProcessorSpec spec = make_spec(argc, argv);

  // The images: CHW here; HWC, a crop of a larger image or a flipped one are other strides of the same view
  std::vector<std::vector<std::uint8_t>> pixels;
  std::vector<kir::ImageView> images;
  std::vector<kir::ImageSize> sizes;
  for (const ConstantImage& image : kBatch) {
    const std::size_t elements = std::size_t{3} * image.size.height * image.size.width;
    pixels.emplace_back(elements, image.level);
    images.push_back(kir::chw_view(pixels.back().data(), image.size));
    sizes.push_back(image.size);
  }

  // The plan depends on the sizes alone, so it can be kept and run again
  const kir::Plan plan = kir::plan(spec, sizes);

  // Memory: one buffer for each output, and a scratch workspace
  std::vector<std::vector<float>> results;
  std::vector<kir::OutputView> outputs;
  for (const kir::Output& output : plan.outputs) {
    std::printf("%s [", output.key.c_str());
    for (std::size_t i = 0; i < output.shape.size(); ++i) {
      std::printf("%s%lld", i ? ", " : "", static_cast<long long>(output.shape[i]));
    }
    std::printf("] %s\n", kir::name_of(output.type));
    if (output.key != "pixel_values" || output.type != kir::Type::f32 || output.shape.size() != 4 ||
        output.of.kind != kir::Share::Kind::batch) {
      std::printf(
          "this example reads one stacked float32 pixel_values; see the class's other outputs with `kir plan`\n");
      return 2;
    }
    results.emplace_back(output.elements(), std::nanf(""));
    outputs.push_back({results.back().data(), output.bytes()});
  }
  const std::unique_ptr<kir::Backend> backend = kir::make_cpu_backend();
  const kir::RunContext context;  // the calling thread; pass an Executor to use more
  constexpr std::size_t kAlignment = 64;
  std::vector<std::uint8_t> scratch(backend->workspace_bytes(plan, context) + kAlignment);
  void* aligned = scratch.data();
  std::size_t bytes = scratch.size();
  std::align(kAlignment, scratch.size() - kAlignment, aligned, bytes);

  backend->run(plan, images, outputs, {aligned, bytes}, context);

  // The proof: every element of every image
  const std::vector<std::int64_t>& shape = plan.outputs[0].shape;
  const std::int64_t plane = shape[2] * shape[3];
  double worst = 0;
  std::int64_t wrong = 0;
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t c = 0; c < shape[1]; ++c) {
      const double expected = expected_value(plan, n, kBatch[n].level, c);
      for (std::int64_t i = 0; i < plane; ++i) {
        const double error = std::abs(results[0][(n * shape[1] + c) * plane + i] - expected);
        worst = std::max(worst, error);
        wrong += !(error <= 1e-5);  // so that a NaN, an element that was never written, is wrong
      }
    }
  }
  std::printf("largest error %.3g, %lld of %zu values wrong\n", worst, static_cast<long long>(wrong),
              results[0].size());
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const kir::Error& error) {
    std::fprintf(stderr, "cpp_consumer: %s\n", error.what());
    return 2;
  }
}
