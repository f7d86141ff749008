// kir plan: what a configuration computes for images of given sizes, without any pixels.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/backends.hpp"
#include "apps/commands.hpp"
#include "apps/json_file.hpp"
#include "apps/plan_arguments.hpp"
#include "describe/describe.hpp"
#include "kir/error.hpp"
#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace kir::apps {

namespace {

struct Options {
  std::string config, json, backend = "cuda-separable", architecture;
  std::vector<std::string> sizes;
  std::int32_t channels = 3;
  bool explain = false;
  PlanArguments plan;
};

// Without pixels a probe has no answer. A plan's shape depends on content boxes and grey flags, its numbers on
// statistics: those assumed here are of a colour image that fills its frame, with the statistics of uniform noise.
std::vector<ProbeResult> assumed_results(const std::vector<Probe>& asked, const std::vector<ImageSize>& images) {
  std::vector<ProbeResult> results;
  for (const Probe& probe : asked) {
    const ImageSize size = images[static_cast<std::size_t>(probe.image)];
    results.push_back({127.5, 73.9, 0, 0, size.height, size.width, false});
  }
  return results;
}

// How the backend of a device would run the plan.
std::vector<std::string> explanation(const Backend& backend, const Plan& made) {
  if (const Support support = backend.supports(made); !support.ok) {
    throw Error(ErrorCode::unsupported, "--backend",
                "\"" + std::string(backend.name()) + "\" does not support this plan: " + support.reason);
  }
  return backend.explain(made);
}

void print(const Options& options, const std::vector<std::string>& lines) {
  const std::string where = options.architecture.empty() ? "" : " on " + options.architecture;
  std::printf("\nHow %s runs it%s:\n", options.backend.c_str(), where.c_str());
  for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
  if (lines.empty()) std::printf("  in one way: it has no choice to explain\n");
}

int run(const Options& options) {
  check_json_path(options.json);
  const bool on_device = options.explain && options.architecture.empty();
  const std::unique_ptr<Backend> backend = on_device ? make_backend(options.backend) : nullptr;
  const PlanOptions plan_options = to_plan_options(options.plan);
  std::vector<ImageSize> images;
  for (const std::string& size : options.sizes) images.push_back(parse_size("--size", size, options.channels));
  const ProcessorSpec spec = load_config(options.config, options.plan);
  const std::vector<Probe> asked = probes(spec, images);
  const Plan made = plan(spec, images, plan_options, assumed_results(asked, images));
  std::vector<std::string> lines;
  if (backend) {
    lines = explanation(*backend, made);
  } else if (options.explain) {
    lines = explain_for_architecture(options.backend, made, options.architecture);
  }
  if (!is_stdout(options.json)) {
    std::fputs(describe(spec, made).c_str(), stdout);
    if (options.explain) print(options, lines);
    if (!asked.empty())
      std::printf(
          "\nThis processor measures each image first; assumed here: mean 127.5, std 73.9, the whole frame, colour.\n");
  }
  nlohmann::json json = plan_json(made);
  if (options.explain) {
    json["explain"] = {{"backend", options.backend}, {"lines", lines}};
    if (!options.architecture.empty()) json["explain"]["architecture"] = options.architecture;
  }
  write_json(options.json, json);
  return 0;
}

}  // namespace

void add_plan_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("plan", "What a configuration computes for images of given sizes");
  auto options = std::make_shared<Options>();
  command->add_option("config", options->config, "A preprocessor_config.json, or a name that kir list shows")
      ->required()
      ->type_name("CONFIG");
  command->add_option("--size", options->sizes, "Sizes of the images of one batch, as HEIGHTxWIDTH")
      ->required()
      ->type_name("HxW");
  command->add_option("--channels", options->channels, "Channels of the images")
      ->check(CLI::Range(1, 4))
      ->capture_default_str();
  add_plan_arguments(*command, options->plan);
  CLI::Option* explain = command->add_flag(
      "--explain", options->explain, "How a backend would run it: launches, tiles, and the reason for each choice");
  command->add_option("--backend", options->backend, "The backend of --explain")
      ->needs(explain)
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--arch", options->architecture,
                   "Explain a CUDA backend on a typical device of this architecture; needs no device")
      ->needs(explain)
      ->type_name("sm_NN");
  command->add_option("--json", options->json, "Write the plan as JSON to a file, or to stdout for -")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  kir plan clip --size 480x640\n"
      "  kir plan detr --size 480x640 800x600 --numerics torch_cpu\n"
      "  kir plan qwen2_vl --videos --size 360x640 360x640 360x640 --groups 3\n"
      "  kir plan siglip --size 480x640 --explain --backend cpu\n"
      "  kir plan siglip --size 480x640 --explain --backend cuda-separable --arch sm_90\n"
      "  kir plan configs/processors/qwen2_vl.json --size 1080x1920 --json plan.json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
