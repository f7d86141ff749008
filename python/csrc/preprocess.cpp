#include "preprocess.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "errors.hpp"
#include "kir/spec.hpp"
#include "plan/names.hpp"
#include "target.hpp"
#include "text_cache.hpp"

namespace kir::python {

namespace {

using Json = nlohmann::json;
using torch::headeronly::ScalarType;

std::shared_ptr<const ProcessorSpec> spec_of(const Text& config) {
  // Never destroyed: a thread may still run an op when the process ends.
  static auto* const cache =
      new TextCache<ProcessorSpec>([](const std::string& text) { return parse_spec(text, "config"); });
  return cache->get(config.view());
}

PlanOptions options_of(const Text& numerics, const std::vector<std::int64_t>& groups,
                       const std::optional<ScalarType>& dtype, const Text& layout) {
  PlanOptions options;
  options.numerics = numerics_named(numerics.view());
  options.output_type = output_type(dtype);
  options.order = order_named(layout.view());
  options.groups = groups;
  return options;
}

std::vector<ImageSize> sizes_of(const std::vector<std::int64_t>& numbers) {
  if (numbers.size() % 3 != 0) {
    throw_value_error("image_sizes", std::to_string(numbers.size()) +
                                         " numbers; channels, height and width of each image are allowed");
  }
  std::vector<ImageSize> sizes;
  for (std::size_t i = 0; i < numbers.size(); i += 3) {
    for (std::size_t side = i; side < i + 3; ++side) {
      if (numbers[side] >= 1 && numbers[side] <= kMaxEdge) continue;
      throw_value_error("images[" + std::to_string(i / 3) + "]",
                        "has " + std::to_string(numbers[side]) + " as its " +
                            std::array{"channels", "height", "width"}[side - i] + "; 1 to " + std::to_string(kMaxEdge) +
                            " is allowed");
    }
    sizes.push_back({static_cast<std::int32_t>(numbers[i]), static_cast<std::int32_t>(numbers[i + 1]),
                     static_cast<std::int32_t>(numbers[i + 2])});
  }
  return sizes;
}

// Of what a plan asks of pixels, statistics change values alone.
std::vector<ProbeResult> answers_without_pixels(const std::vector<Probe>& asked) {
  for (const Probe& probe : asked) {
    if (probe.kind == Probe::Kind::mean_std) continue;
    throw_value_error("images", "have no pixels, and the shapes of this processor's outputs depend on them");
  }
  return std::vector<ProbeResult>(asked.size(), ProbeResult{.mean = 0, .std = 1});
}

/// Which of the tensors of a key it is; -1 for the only one.
std::int64_t index_of(const Output& output) {
  return output.of.kind == Share::Kind::batch ? -1 : output.of.index;
}

struct Results {
  std::vector<Tensor> tensors;
  std::string keys;  // a line each
  std::vector<std::int64_t> images;

  void add(Tensor tensor, const Output& output) {
    tensors.push_back(std::move(tensor));
    keys += (keys.empty() ? "" : "\n") + output.key;
    images.push_back(index_of(output));
  }
};

}  // namespace

std::tuple<std::vector<Tensor>, std::vector<std::int64_t>, std::vector<std::int64_t>> preprocess(
    const std::vector<Tensor>& images, bool stacked, const Text& config, const Text& numerics, const Text& backend,
    const std::optional<Device>& device, const std::vector<std::int64_t>& groups,
    const std::optional<torch::headeronly::ScalarType>& dtype, const Text& layout, const Text& input_layout) {
  return translated([&] {
    const std::shared_ptr<const ProcessorSpec> spec = spec_of(config);
    const PlanOptions options = options_of(numerics, groups, dtype, layout);
    const Images read = read_images(images, stacked, is_hwc(input_layout.view()));
    const Target target(read, device, backend.view());
    const Plan plan = plan_of(read, *spec, options, target.measure(probes(*spec, read.sizes), read.views));

    Results results;
    std::vector<OutputView> views;
    for (const Output& output : plan.outputs) {
      const bool known = !output.values.empty();
      Tensor tensor = known ? values_tensor(output) : target.empty(output.type, output.shape);
      views.push_back(view_of(tensor, output.bytes()));
      results.add(std::move(tensor), output);
    }
    target.run(plan, read.views, views, images);
    return std::tuple(std::move(results.tensors), words_of(results.keys), std::move(results.images));
  });
}

std::vector<std::int64_t> planned_outputs(const std::vector<std::int64_t>& image_sizes, const Text& config,
                                          const Text& numerics, const std::vector<std::int64_t>& groups,
                                          const std::optional<ScalarType>& dtype, const Text& layout) {
  return translated([&] {
    const std::shared_ptr<const ProcessorSpec> spec = spec_of(config);
    const std::vector<ImageSize> sizes = sizes_of(image_sizes);
    const Plan made =
        plan(*spec, sizes, options_of(numerics, groups, dtype, layout), answers_without_pixels(probes(*spec, sizes)));
    Json outputs = Json::array();
    for (const Output& output : made.outputs) {
      outputs.push_back({{"key", output.key},
                         {"image", index_of(output)},
                         {"type", name_of(output.type)},
                         {"shape", output.shape},
                         {"values", output.values}});
    }
    return words_of(outputs.dump());
  });
}

std::vector<std::int64_t> processor_info(const Text& config) {
  return translated([&] {
    const std::shared_ptr<const ProcessorSpec> spec = spec_of(config);
    const Json info = {{"class_name", spec->class_name},
                       {"stages", spec->stages},
                       {"writes", spec->writes},
                       {"returns", name_of(spec->returns)},
                       {"groups", name_of(spec->groups)},
                       {"resizes_levels", spec->resizes_levels},
                       {"unsupported", spec->unsupported},
                       {"unsupported_by_pillow", spec->unsupported_by_pillow},
                       {"unknown_keys", spec->unknown_keys}};
    return words_of(info.dump());
  });
}

}  // namespace kir::python
