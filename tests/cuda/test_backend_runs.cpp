// The CUDA backends as callers use them: from several threads, in graphs, with bad arguments, at the edges of a batch.
#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "kernels/cuda/device.hpp"
#include "kir/error.hpp"
#include "parity/runner.hpp"
#include "reference/eigen_backend.hpp"
#include "tests/cuda/device_run.hpp"
#include "tests/cuda/pinned_images.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/two_launches.hpp"

using namespace kir;
using namespace kir::parity;
using namespace kir::test;

namespace {

struct Both {
  std::unique_ptr<Backend> separable = make_cuda_separable_backend(), fused = make_cuda_fused_backend();
  std::vector<const Backend*> all() const { return {separable.get(), fused.get()}; }
};

void require_parity(const Plan& plan, std::span<const ImageView> images, const Backend& backend,
                    const RunContext& context = {}) {
  const std::unique_ptr<Backend> reference = make_reference_backend();
  const CaseResult result = run_plan(plan, images, backend, *reference, load_settings("configs/parity.json"), context);
  double worst = 0;
  for (const Comparison& output : result.outputs) worst = std::max(worst, output.max_abs);
  std::printf("%s: largest error %.2e, accepted %.0e\n", std::string(backend.name()).c_str(), worst,
              result.tolerance.max_abs);
  CAPTURE(backend.name(), result.error, result.skipped, worst);
  CHECK(result.passed());
}

bool same(const Bytes& a, const Bytes& b) {
  return a == b;
}

/// How many launches the lines of explain() tell of.
std::size_t launches_in(const std::string& lines) {
  std::size_t count = 0;
  for (const char* kernel : {"prepare: ", "separable: ", "direct: ", "fused: "}) {
    for (std::size_t at = lines.find(kernel); at != std::string::npos; at = lines.find(kernel, at + 1)) ++count;
  }
  return count;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------------------
// Edges of a batch

TEST_CASE("no image, one image, a thousand small ones", "[cuda][batch]") {
  const Both both;
  Random random = fresh_random();
  const ProcessorSpec spec =
      resize_normalize_spec({.height = 24, .width = 31, .image_mean = {0.5}, .image_std = {0.25}});
  for (const Backend* backend : both.all()) {
    const Plan none = plan_stacked(spec, 0, {3, 20, 30});
    CHECK(backend->workspace_bytes(none, {}) == 0);
    const DeviceRun empty(*backend, none, {});
    CHECK_NOTHROW(empty.run());

    for (const int count : {1, 1000}) {
      const std::vector<Image> images = noise_images(random, count, 1, 40);
      std::vector<ImageSize> sizes;
      for (const Image& image : images) sizes.push_back(image.size());
      require_parity(plan(spec, sizes), views_of(images), *backend);
    }
  }
}

TEST_CASE("planes, interleaved, crops and flipped images in one batch", "[cuda][batch]") {
  const Both both;
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, 3 * kMemoryKinds, 50, 400);
  for (const Backend* backend : both.all()) require_parity(plan_for("clip", images), views_of(images), *backend);
  PlanOptions levels;
  levels.numerics = Numerics::torch_cpu;
  require_parity(plan_for("clip", images, levels), views_of(images), *both.separable);
}

TEST_CASE("an image of 16384 x 16384", "[cuda][huge]") {
  const Both both;
  Random random = fresh_random();
  std::vector<Image> images;
  images.push_back(noise_image({3, 16384, 16384}, random, Memory::chw));
  const Plan plan = plan_for("siglip", images);
  for (const Backend* backend : both.all()) require_parity(plan, views_of(images), *backend);
}

TEST_CASE("run_allocating asks for the bytes of workspace_bytes and writes what run writes", "[cuda][workspace]") {
  const Both both;
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, 7, 60, 500);
  for (const Backend* backend : both.all()) {
    for (const char* config : {"siglip", "detr", "idefics3"}) {  // one level, padding, levels through canvases
      const Plan plan = plan_for(config, images);
      if (!backend->supports(plan).ok) continue;
      for (const bool host_images : {false, true}) {
        const RunContext context{nullptr, nullptr, host_images};
        const DeviceRun device(*backend, plan, views_of(images), context);
        device.poison();
        device.run();
        const Bytes expected = device.results();

        device.poison();
        std::vector<std::size_t> asked;
        const auto allocate = [&](std::size_t bytes) {
          asked.push_back(bytes);
          return device.workspace();
        };
        backend->run_allocating(plan, device.images(), device.outputs(), allocate, context);
        CAPTURE(backend->name(), config, host_images);
        CHECK(asked == std::vector<std::size_t>{backend->workspace_bytes(plan, context)});
        CHECK(same(device.results(), expected));

        const auto too_little = [&](std::size_t bytes) { return Workspace{device.workspace().data, bytes - 1}; };
        if (asked[0] == 0) continue;
        const Error error =
            error_of([&] { backend->run_allocating(plan, device.images(), device.outputs(), too_little, context); });
        CHECK(error.argument == "workspace");
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Threads, streams and graphs

TEST_CASE("several host threads with streams of their own get what one thread gets", "[cuda][threads]") {
  constexpr int kThreads = 4, kRuns = 20;
  const Both both;
  Random random = fresh_random();
  for (const Backend* backend : both.all()) {
    for (const bool host_images : {false, true}) {
      std::vector<std::vector<Image>> images;
      std::vector<Plan> plans;
      for (const char* config : {"siglip", "clip", "detr", "qwen2_vl"}) {
        images.push_back(noise_images(random, 5, 60, 500));
        plans.push_back(plan_for(config, images.back()));
      }
      std::atomic<int> wrong = 0;
      std::vector<std::string> errors(kThreads);
      std::vector<std::thread> threads;
      for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
          try {
            const auto index = static_cast<std::size_t>(t);
            const Stream stream = make_stream();
            const RunContext context{nullptr, stream.get(), host_images};
            const DeviceRun device(*backend, plans[index], views_of(images[index]), context);
            device.poison();
            device.run();
            const Bytes expected = device.results();
            for (int run = 0; run < kRuns; ++run) {
              device.poison();
              device.run();
              wrong += !same(device.results(), expected);
            }
          } catch (const std::exception& error) {
            errors[static_cast<std::size_t>(t)] = error.what();
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      CAPTURE(backend->name(), host_images);
      for (const std::string& error : errors) CHECK(error == "");
      CHECK(wrong == 0);
      for (std::size_t t = 0; t < plans.size(); ++t) {
        require_parity(plans[t], views_of(images[t]), *backend, {nullptr, nullptr, host_images});
      }
    }
  }
}

namespace {

struct GraphDestroy {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
};
struct ExecDestroy {
  void operator()(cudaGraphExec_t exec) const { cudaGraphExecDestroy(exec); }
};
using Graph = std::unique_ptr<CUgraph_st, GraphDestroy>;
using GraphExec = std::unique_ptr<CUgraphExec_st, ExecDestroy>;

/// What run() gives a stream.
Graph captured(const DeviceRun& device, cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  std::string error;
  try {
    device.run();
  } catch (const Error& thrown) {
    error = thrown.what();
  }
  check(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
  INFO(error);
  REQUIRE(error.empty());
  return Graph(graph);
}

struct Nodes {
  std::vector<std::string> kernels;
  int copies = 0, others = 0;
};

Nodes nodes_of(cudaGraph_t graph) {
  std::size_t count = 0;
  check(cudaGraphGetNodes(graph, nullptr, &count), "cudaGraphGetNodes");
  std::vector<cudaGraphNode_t> all(count);
  if (count > 0) check(cudaGraphGetNodes(graph, all.data(), &count), "cudaGraphGetNodes");
  Nodes nodes;
  for (const cudaGraphNode_t node : all) {
    cudaGraphNodeType type;
    check(cudaGraphNodeGetType(node, &type), "cudaGraphNodeGetType");
    if (type == cudaGraphNodeTypeMemcpy)
      ++nodes.copies;
    else if (type != cudaGraphNodeTypeKernel)
      ++nodes.others;
    if (type != cudaGraphNodeTypeKernel) continue;
    cudaKernelNodeParams params{};
    check(cudaGraphKernelNodeGetParams(node, &params), "cudaGraphKernelNodeGetParams");
    const char* name = "";
#if CUDART_VERSION >= 12030
    check(cudaFuncGetName(&name, params.func), "cudaFuncGetName");
#endif
    nodes.kernels.push_back(name);
  }
  return nodes;
}

}  // namespace

TEST_CASE("a captured run is replayed on other pixels", "[cuda][graph]") {
  const Both both;
  Random random = fresh_random();
  for (const Backend* backend : both.all()) {
    for (const bool host_images : {false, true}) {
      CAPTURE(backend->name(), host_images);
      std::vector<Image> images = noise_images(random, 7, 40, 700);
      const Plan plan = plan_for("idefics3", images);  // three levels
      PinnedImages pinned(images);
      const Stream stream = make_stream();
      const RunContext context{nullptr, stream.get(), host_images};
      const DeviceRun device(*backend, plan, pinned.views(), context);
      const Graph graph = captured(device, stream.get());
      cudaGraphExec_t exec = nullptr;
      check(cudaGraphInstantiate(&exec, graph.get(), 0), "cudaGraphInstantiate");
      const GraphExec owner(exec);

      for (int replay = 0; replay < 3; ++replay) {
        for (Image& image : images) image = noise_image(image.size(), random, Memory::chw);
        pinned.fill(images);
        if (!host_images) {
          const std::vector<ImageView> from = pinned.views();
          for (std::size_t i = 0; i < from.size(); ++i) {
            const ImageSize size = from[i].size;
            check(cudaMemcpy(const_cast<std::uint8_t*>(device.images()[i].data), from[i].data,
                             std::size_t(size.channels) * size.height * size.width, cudaMemcpyHostToDevice),
                  "cudaMemcpy");
          }
        }
        device.poison();
        check(cudaGraphLaunch(exec, stream.get()), "cudaGraphLaunch");
        const Bytes replayed = device.results();
        device.poison();
        device.run();
        CHECK(same(replayed, device.results()));
      }
    }
  }
}

TEST_CASE("pageable images are not captured, and the reason is named", "[cuda][graph]") {
  const std::unique_ptr<Backend> backend = make_cuda_separable_backend();
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, 2, 40, 90);
  const Plan plan = plan_for("siglip", images);
  const Stream stream = make_stream();
  const DeviceRun device(*backend, plan, views_of(images), {nullptr, stream.get(), true});
  check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  const Error error = error_of([&] { device.run(); });
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(stream.get(), &graph) == cudaSuccess);
  const Graph owner(graph);
  CHECK(error.argument == "images[0]");
  CHECK(contains(error.message, "pageable"));
  CHECK(nodes_of(graph).kernels.empty());
}

TEST_CASE("which kernels run: at most two launches a level, no copy, and they are what explain() says",
          "[cuda][launches]") {
  const Both both;
  Random random = fresh_random();
  // explain() knows no strides: contiguous columns are its case.
  const std::vector<Image> images = noise_images(random, 4, 60, 500, Orders::planes);
  for (const Backend* backend : both.all()) {
    for (const char* config : {"siglip", "clip", "detr", "qwen2_vl", "idefics3"}) {
      const Plan plan = plan_for(config, images);
      const Stream stream = make_stream();
      const DeviceRun device(*backend, plan, views_of(images), {nullptr, stream.get(), false});
      const Nodes nodes = nodes_of(captured(device, stream.get()).get());
      std::size_t levels = 0;
      for (const Level& level : plan.levels) levels += !level.jobs.empty() || !level.fills.empty();
      std::string names, lines;
      for (const std::string& name : nodes.kernels) names += name + " ";
      for (const std::string& line : backend->explain(plan)) lines += line + "\n";
      std::printf("%s %s: %zu kernels: %s\n%s", std::string(backend->name()).c_str(), config, nodes.kernels.size(),
                  names.c_str(), lines.c_str());
      CAPTURE(backend->name(), config, names, lines);
      const bool separable = backend == both.separable.get();
      CHECK(nodes.kernels.size() <= (separable ? 2 : 1) * levels);
      CHECK(nodes.kernels.size() == launches_in(lines));
      CHECK(nodes.copies == 0);
      CHECK(nodes.others == 0);
#if CUDART_VERSION >= 12030
      for (const std::string& name : nodes.kernels) {
        const bool known = separable ? contains(name, "prepare_kernel") || contains(name, "separable_kernel") ||
                                           contains(name, "direct_kernel")
                                     : contains(name, "fused_kernel");
        CHECK(known);
      }
#endif
    }
  }
}

TEST_CASE("a plan is explained without a device as on one of that architecture", "[cuda][launches]") {
  const cuda::Tuning& here = cuda::device_facts().tuning;
  const cuda::Tuning& row = cuda::tuning_of(here.architecture);
  const std::string architecture = "sm_" + std::to_string(row.architecture);
  CAPTURE(architecture, here.multiprocessors, here.shared_per_block);
  const bool is_its_chip = here.multiprocessors == row.multiprocessors && here.shared_per_block == row.shared_per_block;
  // sm_90 is measured here, so that its row must be right; of the others one of several chips may be here.
  if (architecture == "sm_90") CHECK(here.shared_per_block == row.shared_per_block);
  std::printf("%s, %d multiprocessors, %zu bytes of shared memory: %s\n", architecture.c_str(), here.multiprocessors,
              here.shared_per_block, is_its_chip ? "compared" : "another chip than the table's");
  if (!is_its_chip) return;
  const Both both;
  Random random = fresh_random();
  for (const Backend* backend : both.all()) {
    for (const int count : {1, 4, 40}) {
      const Plan plan = plan_for("siglip", noise_images(random, count, 60, 500, Orders::planes));
      CHECK(backend->explain(plan) == explain_cuda(plan, backend->name(), architecture));
    }
  }
}

TEST_CASE("few images are one launch, with the bits of two", "[cuda][launches]") {
  const std::unique_ptr<Backend> backend = make_cuda_separable_backend();
  Random random = fresh_random();
  const std::pair<const char*, int> cases[] = {{"siglip", 60}, {"siglip", 300}, {"clip", 300}};
  for (const auto& [config, least] : cases) {  // enlarged too
    const std::vector<Image> images = noise_images(random, 1, least, 3 * least, Orders::planes);
    const Plan one = plan_for(config, images), two = by_two_launches(one);
    Bytes first;
    for (const Plan& plan : {one, two}) {
      const Stream stream = make_stream();
      const DeviceRun device(*backend, plan, views_of(images), {nullptr, stream.get(), false});
      std::string lines;
      for (const std::string& line : backend->explain(plan)) lines += line + "\n";
      const std::size_t kernels = nodes_of(captured(device, stream.get()).get()).kernels.size();
      CAPTURE(config, images[0].size().height, images[0].size().width, lines);
      CHECK(kernels == launches_in(lines));
      // All of a Hopper's shared memory: others have less, where a tile may need more than half.
      if (first.empty() && cuda::device_facts().tuning.shared_per_block >= 227 << 10) CHECK(kernels == 1);
      if (!first.empty()) CHECK(kernels == 2);
      device.poison();
      device.run();
      check(cudaStreamSynchronize(stream.get()), "cudaStreamSynchronize");
      if (first.empty()) {
        first = device.results();
      } else {
        CHECK(same(device.results(), first));
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Refusals

TEST_CASE("bad arguments are named, and nothing is written", "[cuda][bad_input]") {
  const Both both;
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, 2, 40, 90);
  const Plan plan = plan_for("siglip", images);
  for (const Backend* backend : both.all()) {
    const DeviceRun device(*backend, plan, views_of(images));
    device.poison();
    const Bytes poisoned = device.results();
    const std::vector<ImageView> good(device.images().begin(), device.images().end());
    const std::vector<OutputView> outputs(device.outputs().begin(), device.outputs().end());
    const auto argument = [&](std::vector<ImageView> views, std::vector<OutputView> to, Workspace workspace) {
      return error_of([&] { backend->run(plan, views, to, workspace, {}); }).argument;
    };
    std::vector<ImageView> null_image = good;
    null_image[1].data = nullptr;
    CHECK(argument(null_image, outputs, device.workspace()) == "images[1]");
    std::vector<ImageView> other_size = good;
    other_size[0].size.width += 1;
    CHECK(argument(other_size, outputs, device.workspace()) == "images[0]");
    CHECK(argument({good[0]}, outputs, device.workspace()) == "images");
    std::vector<OutputView> small = outputs;
    small[0].bytes -= 1;
    CHECK(contains(argument(good, small, device.workspace()), "outputs[0]"));
    const Workspace workspace = device.workspace();
    if (workspace.bytes > 0) {
      CHECK(argument(good, outputs, {workspace.data, workspace.bytes - 1}) == "workspace");
      CHECK(argument(good, outputs, {nullptr, workspace.bytes}) == "workspace");
      CHECK(argument(good, outputs, {static_cast<std::byte*>(workspace.data) + 1, workspace.bytes}) == "workspace");
    }
    CHECK(same(device.results(), poisoned));
  }
}

TEST_CASE("plans of another arithmetic are refused by name", "[cuda][bad_input]") {
  const Both both;
  Random random = fresh_random();
  const std::vector<Image> images = noise_images(random, 1, 40, 90);
  PlanOptions options;
  options.numerics = Numerics::torch_cpu;
  Plan plan = plan_for("siglip", images, options);
  CHECK(both.separable->supports(plan).ok);
  const Support fused = both.fused->supports(plan);
  CHECK_FALSE(fused.ok);
  CHECK_FALSE(fused.reason.empty());
  plan.levels[0].jobs[0].arithmetic = Arithmetic::pillow_int22;
  for (const Backend* backend : both.all()) CHECK(contains(backend->supports(plan).reason, "pillow_int22"));
}
