// Small outputs that say how many tokens images have.
#include <utility>

#include "plan/stages.hpp"

namespace kir {

namespace {

/// An output of `columns` numbers a picture, of its grid of tokens.
template <typename Numbers>
void add_numbers(Draft& draft, const char* key, Extent patch, std::int64_t columns, Numbers numbers) {
  std::vector<double> values;
  values.reserve(draft.pictures.size() * static_cast<std::size_t>(columns));
  for (const Picture& picture : draft.pictures) {
    for (const std::int64_t number :
         numbers(Extent{picture.size.height / patch.height, picture.size.width / patch.width})) {
      values.push_back(static_cast<double>(number));
    }
  }
  draft.add_numbers(key, columns, std::move(values));
}

}  // namespace

Stage merge_sizes() {
  const auto read = [](Keys& keys) -> Operation {
    const std::int64_t merge = keys.required_integer("merge_size", 1, kMaxPatch);
    return {.text = "and image_merge_sizes", .extend = [merge](Draft& draft) {
              add_numbers(draft, "image_merge_sizes", {1, 1}, 1, [merge](Extent) { return std::array{merge}; });
            }};
  };
  return {"image_merge_sizes", read};
}

Stage spatial_shapes() {
  const auto read = [](Keys& keys) -> Operation {
    return {.text = "and spatial_shapes", .extend = [patch = square_patch(keys)](Draft& draft) {
              add_numbers(draft, "spatial_shapes", patch, 2, [](Extent grid) {
                return std::array{grid.height, grid.width};
              });
            }};
  };
  return {"spatial_shapes", read};
}

Stage soft_token_counts() {
  const auto read = [](Keys& keys) -> Operation {
    const auto extend = [patch = square_patch(keys), kernel = pooling_kernel(keys)](Draft& draft) {
      add_numbers(draft, "num_soft_tokens_per_image", patch, 1,
                  [=](Extent grid) { return std::array{grid.height * grid.width / (kernel * kernel)}; });
    };
    return {.text = "and num_soft_tokens_per_image", .extend = extend};
  };
  return {"num_soft_tokens_per_image", read};
}

Stage resized_grids() {
  const auto read = [](Keys& keys) -> Operation {
    const auto extend = [patch = patch_of(keys)](Draft& draft) {
      add_numbers(draft, "width", {1, 1}, 1, [](Extent size) { return std::array{size.width}; });
      add_numbers(draft, "height", {1, 1}, 1, [](Extent size) { return std::array{size.height}; });
      add_numbers(draft, "rows", patch, 1, [](Extent grid) { return std::array{grid.height}; });
      add_numbers(draft, "cols", patch, 1, [](Extent grid) { return std::array{grid.width}; });
    };
    return {.text = "and width, height, rows, cols", .extend = extend};
  };
  return {"width, height, rows, cols", read};
}

}  // namespace kir
