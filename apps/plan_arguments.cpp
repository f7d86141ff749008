#include "apps/plan_arguments.hpp"

#include <charconv>
#include <cstdio>
#include <utility>

#include "apps/config_dir.hpp"
#include "kir/error.hpp"
#include "plan/names.hpp"

namespace kir::apps {

namespace {

// The arithmetic of the transformers class itself: torch_cpu for every *ImageProcessor.
constexpr const char* kProcessorNumerics = "processor";

constexpr std::pair<const char*, Type> kTypes[] = {
    {"f32", Type::f32}, {"f16", Type::f16}, {"bf16", Type::bf16}, {"u8", Type::u8}};
constexpr std::pair<const char*, ChannelOrder> kLayouts[] = {{"nchw", ChannelOrder::nchw},
                                                             {"nhwc", ChannelOrder::nhwc}};

template <typename Value, std::size_t N>
Value named(const char* argument, const std::string& name, const std::pair<const char*, Value> (&table)[N]) {
  std::string known;
  for (const auto& [known_name, value] : table) {
    if (name == known_name) return value;
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  throw Error(ErrorCode::invalid_argument, argument, "\"" + name + "\" is unknown; allowed are " + known);
}

}  // namespace

void add_plan_arguments(CLI::App& command, PlanArguments& arguments) {
  command
      .add_option(
          "--numerics", arguments.numerics,
          "Whose arithmetic: float32, torch_cpu, pillow11 (Pillow up to 12.1), pillow12 (12.2 and 12.3), pillow13, or "
          "processor (the class's own)")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--dtype", arguments.dtype, "Type of the pixels: f32, f16, bf16 or u8 (default: the processor's)")
      ->type_name("TYPE");
  command.add_option("--layout", arguments.layout, "Order of image-shaped outputs: nchw or nhwc")
      ->type_name("ORDER")
      ->capture_default_str();
  command.add_flag("--videos", arguments.videos,
                   "The configuration of the model's video processor (NAME: of kir list --videos)");
  command
      .add_option("--groups", arguments.groups,
                  "How many consecutive images each sample has: 8,8 for two videos of 8 frames (default: all, one "
                  "sample)")
      ->type_name("N")
      ->delimiter(',');
}

PlanOptions to_plan_options(const PlanArguments& arguments) {
  PlanOptions options;
  options.numerics =
      arguments.numerics == kProcessorNumerics ? Numerics::torch_cpu : numerics_named(arguments.numerics, "--numerics");
  if (!arguments.dtype.empty()) options.output_type = named("--dtype", arguments.dtype, kTypes);
  options.groups = arguments.groups;
  options.order = named("--layout", arguments.layout, kLayouts);
  return options;
}

ProcessorSpec load_config(const std::string& name_or_path, const PlanArguments& arguments) {
  const Media media = arguments.videos ? Media::videos : Media::images;
  ProcessorSpec spec = load_spec(config_path(name_or_path, media), media);
  for (const std::string& key : spec.unknown_keys) {
    std::fprintf(stderr, "kir: %s: %s: ignored, %s has no such key\n", spec.source.c_str(), key.c_str(),
                 spec.class_name.c_str());
  }
  return spec;
}

ImageSize parse_size(const std::string& argument, const std::string& text, std::int32_t channels) {
  ImageSize size{channels, 0, 0};
  const char* const end = text.data() + text.size();
  const auto height = std::from_chars(text.data(), end, size.height);
  bool ok = height.ec == std::errc() && height.ptr != end && *height.ptr == 'x';
  if (ok) {
    const auto width = std::from_chars(height.ptr + 1, end, size.width);
    ok = width.ec == std::errc() && width.ptr == end;
  }
  ok = ok && size.height >= 1 && size.height <= kMaxEdge && size.width >= 1 && size.width <= kMaxEdge;
  if (!ok) {
    throw Error(
        ErrorCode::invalid_argument, argument,
        "\"" + text + "\" is not HEIGHTxWIDTH with both sides in 1.." + std::to_string(kMaxEdge) + ", e.g. 480x640");
  }
  return size;
}

}  // namespace kir::apps
