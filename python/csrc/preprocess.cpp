#include "preprocess.hpp"

#include <utility>

#include "errors.hpp"
#include "kir/spec.hpp"
#include "plan/names.hpp"
#include "target.hpp"
#include "text_cache.hpp"

namespace kir::python {

namespace {

std::shared_ptr<const ProcessorSpec> spec_of(const std::string& config) {
  // Never destroyed: a thread may still run an op when the process ends.
  static auto* const cache =
      new TextCache<ProcessorSpec>([](const std::string& text) { return parse_spec(text, "config"); });
  return cache->get(config);
}

struct Results {
  std::vector<Tensor> tensors;
  std::vector<std::string> keys;
  std::vector<std::int64_t> images;

  void add(Tensor tensor, const Output& output) {
    tensors.push_back(std::move(tensor));
    keys.push_back(output.key);
    images.push_back(output.image);
  }
};

}  // namespace

std::tuple<std::vector<Tensor>, std::vector<std::string>, std::vector<std::int64_t>> preprocess(
    std::vector<Tensor> images, bool stacked, std::string config, std::string numerics, std::string backend,
    std::optional<Device> device, std::vector<std::int64_t> groups, std::optional<torch::headeronly::ScalarType> dtype,
    std::string layout, std::string input_layout) {
  return translated([&] {
    const std::shared_ptr<const ProcessorSpec> spec = spec_of(config);
    PlanOptions options;
    options.numerics = numerics_named(numerics);
    options.output_type = output_type(dtype);
    options.order = order_named(layout);
    options.groups = std::move(groups);
    const Images read = read_images(images, stacked, is_hwc(input_layout));
    const Target target(read, device, backend);
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
    return std::tuple(std::move(results.tensors), std::move(results.keys), std::move(results.images));
  });
}

std::tuple<std::string, std::string, std::string, std::vector<std::string>> processor_info(std::string config) {
  return translated([&] {
    const std::shared_ptr<const ProcessorSpec> spec = spec_of(config);
    return std::tuple(spec->class_name, std::string(name_of(spec->facts.family)), spec->unsupported,
                      spec->unknown_keys);
  });
}

}  // namespace kir::python
