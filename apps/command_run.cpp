// kir run: images in, the processor's tensors out.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "apps/backends.hpp"
#include "apps/commands.hpp"
#include "apps/image_file.hpp"
#include "apps/plan_arguments.hpp"
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

// The decoded images of a run: a list of any sizes, or one stacked batch.
struct Batch {
  std::vector<DecodedImage> list;
  std::optional<DecodedStack> stack;

  std::vector<ImageView> views() const {
    std::vector<ImageView> all;
    for (const DecodedImage& image : list) all.push_back(image.view());
    for (std::int64_t i = 0; stack && i < stack->count; ++i) all.push_back(stack->view(i));
    return all;
  }
};

Batch read_batch(const std::vector<std::string>& paths) {
  Batch batch;
  if (paths.size() == 1) batch.stack = read_stack(paths[0]);
  if (batch.stack) return batch;
  Progress progress("reading images", static_cast<std::int64_t>(paths.size()));
  for (const std::string& path : paths) {
    batch.list.push_back(read_image(path));
    progress.step(path);
  }
  return batch;
}

std::vector<ImageSize> sizes_of(const std::vector<ImageView>& views) {
  std::vector<ImageSize> sizes;
  for (const ImageView& view : views) sizes.push_back(view.size);
  return sizes;
}

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

// Refuses what cannot fit before anything is allocated: a system that overcommits would grant the memory and end the
// process later.
void check_host_memory(const Plan& made, std::size_t workspace_bytes) {
  std::size_t needed = workspace_bytes;
  for (const Output& output : made.outputs) needed += output.bytes();
  const std::size_t present =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (needed > present) {
    throw Error(ErrorCode::invalid_argument, "IMAGE",
                "this run needs " + std::to_string(needed) + " bytes of memory, and the machine has " +
                    std::to_string(present));
  }
}

// One run; the images and `tensors` are in host memory, whatever memory the backend has.
void run_on_host_data(const Backend& backend, const Plan& made, std::span<const ImageView> views,
                      std::vector<Tensor>& tensors, const RunContext& context) {
  const std::size_t workspace_bytes = backend.workspace_bytes(made, context);
  const std::vector<OutputView> host = output_views(tensors);
  if (backend.memory() == MemorySpace::host) {
    const ScratchMemory scratch(workspace_bytes);
    backend.run(made, views, host, scratch.workspace(), context);
    return;
  }
  const parity::Block scratch(backend.memory(), workspace_bytes);
  std::vector<parity::Block> blocks;
  std::vector<OutputView> outputs;
  for (const OutputView& output : host) {
    blocks.emplace_back(backend.memory(), output.bytes);
    outputs.push_back({blocks.back().data(), output.bytes});
  }
  backend.run(made, views, outputs, {scratch.data(), workspace_bytes}, context);
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

int run(const Options& options) {
  check_tensor_path("-o", options.output);
  const PlanOptions plan_options = to_plan_options(options.plan);
  std::unique_ptr<Backend> backend = options.backend == "auto" ? nullptr : make_backend(options.backend);
  const ProcessorSpec spec = load_config(options.config);
  const Batch batch = read_batch(options.images);
  const std::vector<ImageView> views = batch.views();
  const std::vector<ImageSize> sizes = sizes_of(views);

  // Plan. Probes are answered by the chosen backend; before there is a plan to choose for, by the default one.
  ThreadExecutor executor(options.threads);
  RunContext context{&executor, nullptr};
  context.host_images = backend && backend->memory() != MemorySpace::host;
  const std::vector<Probe> asked = probes(spec, sizes);
  const std::unique_ptr<Backend> prober = !asked.empty() && !backend ? make_backend(backend_names().front()) : nullptr;
  const std::vector<ProbeResult> answers =
      asked.empty() ? std::vector<ProbeResult>{} : (backend ? *backend : *prober).measure(asked, views, context);
  const Plan made = batch.stack ? plan_stacked(spec, batch.stack->count, batch.stack->size, plan_options, answers)
                                : plan(spec, sizes, plan_options, answers);
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

  // Run.
  check_host_memory(made, context.host_images ? 0 : backend->workspace_bytes(made, context));
  std::vector<Tensor> tensors = allocate_outputs(made);
  run_on_host_data(*backend, made, views, tensors, context);

  // Write and report.
  std::erase_if(tensors, [&](const Tensor& tensor) {
    return std::none_of(wanted.begin(), wanted.end(),
                        [&](const Output& output) { return tensor_name(output) == tensor.name; });
  });
  write_tensors(options.output, tensors);
  std::printf("backend %s%s, numerics %s, %zu images, %d threads\n", std::string(backend->name()).c_str(), why.c_str(),
              name_of(made.numerics), views.size(), executor.workers());
  for (const Tensor& tensor : tensors) {
    std::printf("%s %s %s\n", tensor.name.c_str(), text_of(tensor.shape).c_str(), name_of(tensor.type));
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
  command->add_option("--threads", options->threads, "Threads of a CPU backend; 0 = all cores")
      ->check(CLI::Range(0, kMaxThreads))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  kir run clip photo.jpg -o clip.npy\n"
      "  kir run detr a.jpg b.png -o detr.safetensors --numerics processor\n"
      "  kir run siglip *.jpg -o batch.safetensors --backend cpu --dtype bf16 --threads 4");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
