// The arguments that `kir plan` and `kir run` share: the configuration, what the output is, and whose arithmetic makes
// it.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace kir::apps {

struct PlanArguments {
  std::string numerics = "float32", dtype, layout = "nchw";
  std::vector<std::int64_t> groups;
  bool videos = false;
};

/// Adds --numerics, --dtype, --layout, --groups and --videos.
void add_plan_arguments(CLI::App& command, PlanArguments& arguments);

/// Throws Error{invalid_argument, "--numerics"} and so on for unknown names, listing the known ones. "processor" is the
/// arithmetic of the transformers class itself: torch_cpu for every *ImageProcessor.
PlanOptions to_plan_options(const PlanArguments& arguments);

/// The configuration of a CONFIG argument (config_path), with --videos that of the video processor. Its keys that have
/// no meaning are named on stderr.
ProcessorSpec load_config(const std::string& name_or_path, const PlanArguments& arguments);

/// Parses HEIGHTxWIDTH: "480x640" is 480 rows of 640 pixels. Throws Error{invalid_argument, argument} unless both are
/// in 1..kMaxEdge.
ImageSize parse_size(const std::string& argument, const std::string& text, std::int32_t channels);

}  // namespace kir::apps
