#include "patchify.hpp"

#include <utility>

#include "errors.hpp"
#include "kir/spec.hpp"
#include "plan/names.hpp"
#include "target.hpp"

namespace kir::python {

namespace {

std::vector<std::pair<std::int64_t, std::int64_t>> pairs_of(const std::vector<std::int64_t>& sides) {
  std::vector<std::pair<std::int64_t, std::int64_t>> sizes;
  for (std::size_t i = 0; i + 1 < sides.size(); i += 2) sizes.emplace_back(sides[i], sides[i + 1]);
  return sizes;
}

std::vector<std::vector<std::int64_t>> lists_of(const std::vector<std::int64_t>& items,
                                                const std::vector<std::int64_t>& lengths) {
  std::vector<std::vector<std::int64_t>> lists;
  auto next = items.begin();
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > items.end() - next)
      throw_value_error("item_lengths", "their sum is not that of the items");
    lists.emplace_back(next, next + length);
    next += length;
  }
  return lists;
}

}  // namespace

std::tuple<Tensor, Tensor> patchify(const std::vector<Tensor>& frames, bool stacked,
                                    const std::vector<std::int64_t>& target_sizes,
                                    const std::vector<std::int64_t>& items,
                                    const std::vector<std::int64_t>& item_lengths,
                                    const std::vector<double>& image_mean, const std::vector<double>& image_std,
                                    double rescale_factor, const Text& resample, std::int64_t patch, std::int64_t merge,
                                    std::int64_t temporal, const Text& numerics, const Text& backend,
                                    const std::optional<Device>& device) {
  return translated([&] {
    Patchify request;
    request.image_mean = image_mean;
    request.image_std = image_std;
    request.rescale_factor = rescale_factor;
    request.resample = filter_named(resample.view(), "resample");
    request.patch = patch;
    request.merge = merge;
    request.temporal = temporal;
    request.target_sizes = pairs_of(target_sizes);
    request.items = lists_of(items, item_lengths);
    PlanOptions options;
    options.numerics = numerics_named(numerics.view());

    const Images read = read_images(frames, stacked, false);
    const Plan plan = plan_patchify(request, read.sizes, options);
    const Target target(read, device, backend.view());
    const Output &tokens = plan.outputs[0], &grid = plan.outputs[1];
    Tensor pixel_values = target.empty(tokens.type, tokens.shape);
    Tensor grid_thw = values_tensor(grid);
    const OutputView views[] = {view_of(pixel_values, tokens.bytes()), view_of(grid_thw, grid.bytes())};
    target.run(plan, read.views, views, frames);
    return std::tuple(std::move(pixel_values), std::move(grid_thw));
  });
}

}  // namespace kir::python
