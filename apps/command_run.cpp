// kir run: images in, the processor's tensors out.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "apps/backends.hpp"
#include "apps/commands.hpp"
#include "apps/image_batch.hpp"
#include "apps/plan_arguments.hpp"
#include "apps/plan_slices.hpp"
#include "apps/progress.hpp"
#include "apps/tensor_file.hpp"
#include "apps/thread_executor.hpp"
#include "kir/error.hpp"
#include "kir/plan.hpp"
#include "kir/spec.hpp"
#include "parity/block.hpp"

namespace kir::apps {

namespace {

struct Options {
  std::string config, output, backend = "auto", key;
  std::vector<std::string> images;
  int threads = 0;
  PlanArguments plan;
};

// Host memory for Backend::run, aligned as it asks.
class ScratchMemory {
 public:
  explicit ScratchMemory(std::size_t bytes) : bytes_(bytes) {
    if (bytes > 0) data_ = ::operator new(bytes, kAlignment);
  }
  ~ScratchMemory() { ::operator delete(data_, kAlignment); }
  ScratchMemory(const ScratchMemory&) = delete;
  ScratchMemory& operator=(const ScratchMemory&) = delete;
  Workspace workspace() const { return {data_, bytes_}; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  void* data_ = nullptr;
  std::size_t bytes_;
};

// The answers to probes, in order. More images than are kept are decoded for them, and later again for the run.
std::vector<ProbeResult> measure(const std::vector<Probe>& asked, const Backend& backend, ImageBatch& batch,
                                 Executor& executor, const RunContext& context) {
  std::vector<ProbeResult> answers(asked.size());
  Progress progress("measuring images", static_cast<std::int64_t>(asked.size()));
  for (const ImageRange& images : group_images(batch.sizes(), batch.limit(), batch.decoding_bytes())) {
    std::vector<std::size_t> numbers;
    std::vector<Probe> here;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto image = static_cast<std::size_t>(asked[i].image);
      if (image < images.begin || image >= images.end) continue;
      numbers.push_back(i);
      here.push_back({asked[i].kind, static_cast<std::int32_t>(image - images.begin)});
    }
    if (here.empty()) continue;
    const std::vector<ProbeResult> results = backend.measure(here, batch.decode(images, 0, executor), context);
    for (std::size_t i = 0; i < here.size(); ++i) {
      answers[numbers[i]] = results[i];
      progress.advance(batch.path(static_cast<std::size_t>(asked[numbers[i]].image)));
    }
  }
  return answers;
}

std::size_t most_workspace(const Backend& backend, const std::vector<PlanSlice>& slices, const RunContext& context) {
  std::size_t most = 0;
  for (const PlanSlice& slice : slices) most = std::max(most, backend.workspace_bytes(slice.plan, context));
  return most;
}

// Refuses what cannot fit before anything is allocated: a system that overcommits would grant the memory and end the
// process later, or write an output that is mapped to the disk and read it again, page by page.
void check_host_memory(const Plan& made, const std::vector<PlanSlice>& slices, std::size_t workspace_bytes) {
  std::size_t needed = 0;
  for (const PlanSlice& slice : slices) {
    std::size_t bytes = 0;
    for (const ImageSize& image : slice.plan.images) {
      bytes += static_cast<std::size_t>(std::int64_t{image.channels} * image.height * image.width);
    }
    needed = std::max(needed, bytes);
  }
  needed += workspace_bytes;
  for (const Output& output : made.outputs) needed += output.bytes();
  const std::size_t present =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (needed > present) {
    throw Error(ErrorCode::invalid_argument, "IMAGE",
                "this run needs " + std::to_string(needed) + " bytes of memory, and the machine has " +
                    std::to_string(present));
  }
}

// Host memory for every output of a plan: of those that are wanted the file's own, of the others some of ours.
class Results {
 public:
  Results(const std::string& path, const Plan& made, const std::vector<Output>& wanted) : file_(path, wanted) {
    std::size_t next = 0;
    for (const Output& output : made.outputs) {
      std::span<std::byte> memory;
      if (next < wanted.size() && tensor_name(wanted[next]) == tensor_name(output)) {
        memory = file_.tensor(next++);
      } else {
        memory = unwanted_.emplace_back(output.bytes());
      }
      views_.push_back({memory.data(), memory.size()});
    }
  }

  std::span<const OutputView> views() const { return views_; }
  void commit() { file_.commit(); }

 private:
  TensorFile file_;
  std::vector<std::vector<std::byte>> unwanted_;
  std::vector<OutputView> views_;
};

// Decodes and runs slice after slice; `outputs` are those of the whole plan, where the backend has its memory.
void run_slices(const Backend& backend, const std::vector<PlanSlice>& slices, ImageBatch& batch,
                std::span<const OutputView> outputs, Workspace workspace, Executor& executor,
                const RunContext& context) {
  Progress progress("images", static_cast<std::int64_t>(batch.sizes().size()));
  const std::size_t held_bytes = backend.memory() == MemorySpace::host ? workspace.bytes : 0;
  for (const PlanSlice& slice : slices) {
    const std::vector<ImageView> views = batch.decode(slice.images, held_bytes, executor);
    std::vector<OutputView> written;
    for (const std::size_t output : slice.outputs) written.push_back(outputs[output]);
    if (!slice.plan.levels.empty()) backend.run(slice.plan, views, written, workspace, context);
    for (std::size_t i = slice.images.begin; i < slice.images.end; ++i) progress.advance(batch.path(i));
  }
}

// One run; the images and `host`, the outputs, are in host memory, whatever memory the backend has.
void run_on_host_data(const Backend& backend, const Plan& made, const std::vector<PlanSlice>& slices, ImageBatch& batch,
                      std::span<const OutputView> host, Executor& executor, const RunContext& context) {
  const std::size_t workspace_bytes = most_workspace(backend, slices, context);
  if (backend.memory() == MemorySpace::host) {
    const ScratchMemory scratch(workspace_bytes);
    run_slices(backend, slices, batch, host, scratch.workspace(), executor, context);
    return;
  }
  const parity::Block scratch(backend.memory(), workspace_bytes);
  std::vector<parity::Block> blocks;
  std::vector<OutputView> outputs;
  for (const OutputView& output : host) {
    blocks.emplace_back(backend.memory(), output.bytes);
    outputs.push_back({blocks.back().data(), output.bytes});
  }
  run_slices(backend, slices, batch, outputs, {scratch.data(), workspace_bytes}, executor, context);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (!made.outputs[i].values.empty()) continue;  // the plan has them, and no backend writes them
    blocks[i].download({static_cast<std::uint8_t*>(host[i].data), host[i].bytes});
  }
}

// The outputs to write: all, or those of one key.
std::vector<Output> chosen_outputs(const std::vector<Output>& outputs, const std::string& key) {
  if (key.empty()) return outputs;
  std::vector<Output> chosen;
  std::string known;
  for (const Output& output : outputs) {
    if (output.key == key) chosen.push_back(output);
    if (known.find(output.key) == std::string::npos) known += (known.empty() ? "" : ", ") + output.key;
  }
  if (chosen.empty())
    throw Error(ErrorCode::invalid_argument, "--key", "\"" + key + "\" is no output of this plan; it has " + known);
  return chosen;
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t side : shape) text += (text.empty() ? "" : ", ") + std::to_string(side);
  return "(" + text + ")";
}

// Images and what decodes them are freed while others are decoded. The C library would keep much of that for each
// thread; blocks of this size go back to the system at once.
void return_memory_when_freed() {
  constexpr int kBytes = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kBytes);
}

int run(const Options& options) {
  return_memory_when_freed();
  check_tensor_path("-o", options.output);
  const PlanOptions plan_options = to_plan_options(options.plan);
  std::unique_ptr<Backend> backend = options.backend == "auto" ? nullptr : make_backend(options.backend);
  const ProcessorSpec spec = load_config(options.config, options.plan);
  ImageBatch batch(options.images);

  // Plan, of the sizes alone. Probes are answered by the chosen backend; before there is a plan to choose for, by the
  // default one.
  ThreadExecutor executor(options.threads);
  RunContext context{&executor, nullptr};
  context.host_images = backend && backend->memory() != MemorySpace::host;
  const std::vector<Probe> asked = probes(spec, batch.sizes());
  const std::unique_ptr<Backend> prober = !asked.empty() && !backend ? make_backend(backend_names().front()) : nullptr;
  const std::vector<ProbeResult> answers = asked.empty()
                                               ? std::vector<ProbeResult>{}
                                               : measure(asked, backend ? *backend : *prober, batch, executor, context);
  const Plan made = batch.stack()
                        ? plan_stacked(spec, batch.stack()->count(), batch.stack()->size(), plan_options, answers)
                        : plan(spec, batch.sizes(), plan_options, answers);
  const std::vector<Output> wanted = chosen_outputs(made.outputs, options.key);
  check_tensor_format("-o", options.output, wanted);
  std::string why;
  if (!backend) {
    Choice choice = choose_backend(made);
    backend = std::move(choice.backend);
    why = " (auto: " + choice.reason + ")";
  }
  if (const Support support = backend->supports(made); !support.ok) {
    throw Error(ErrorCode::unsupported, "--backend",
                "\"" + options.backend + "\" does not support this plan: " + support.reason);
  }

  // Run, and write as it goes.
  const std::vector<PlanSlice> slices = slice(made, group_images(made, batch.limit(), batch.decoding_bytes()));
  check_host_memory(made, slices, context.host_images ? 0 : most_workspace(*backend, slices, context));
  Results results(options.output, made, wanted);
  run_on_host_data(*backend, made, slices, batch, results.views(), executor, context);
  results.commit();

  // Report.
  std::printf("backend %s%s, numerics %s, %zu images, %d threads\n", std::string(backend->name()).c_str(), why.c_str(),
              name_of(made.numerics), batch.sizes().size(), executor.workers());
  for (const Output& output : wanted) {
    std::printf("%s %s %s\n", tensor_name(output).c_str(), text_of(output.shape).c_str(), name_of(output.type));
  }
  std::printf("wrote %s\n", options.output.c_str());
  return 0;
}

}  // namespace

void add_run_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("run", "Preprocess images and write the tensors");
  auto options = std::make_shared<Options>();
  command->add_option("config", options->config, "A preprocessor_config.json, or a name that kir list shows")
      ->required()
      ->type_name("CONFIG");
  command
      ->add_option("images", options->images,
                   "JPEG, PNG or .npy (uint8) images of any sizes; or one .npy of a stacked batch (four axes)")
      ->required()
      ->type_name("IMAGE");
  command->add_option("-o,--output", options->output, "x.npy (one tensor) or x.safetensors (all)")
      ->required()
      ->type_name("FILE");
  command->add_option("--key", options->key, "Write only this output, e.g. pixel_values")->type_name("NAME");
  std::string names;
  for (const std::string& name : backend_names()) names += ", " + name;
  command->add_option("--backend", options->backend, "auto" + names)->type_name("NAME")->capture_default_str();
  add_plan_arguments(*command, options->plan);
  command->add_option("--threads", options->threads, "Threads that decode, and of a CPU backend; 0 = all cores")
      ->check(CLI::Range(0, kMaxThreads))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  kir run clip photo.jpg -o clip.npy\n"
      "  kir run detr a.jpg b.png -o detr.safetensors --numerics processor\n"
      "  kir run qwen2_vl --videos a1.png a2.png b1.png b2.png b3.png --groups 2,3 -o clips.safetensors\n"
      "  kir run siglip *.jpg -o batch.safetensors --backend cpu --dtype bf16 --threads 4");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
