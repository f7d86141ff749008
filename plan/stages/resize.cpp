#include "plan/stages.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace kir {

namespace {

struct Resampling {
  std::string_view name;
  Filter filter;
};
// Numbered as Pillow does. NEAREST is torchvision's nearest-exact: image_utils.pil_torch_interpolation_mapping.
// LANCZOS is bicubic in torchvision 0.26, which has no Lanczos for tensors.
constexpr std::array<Resampling, 6> kResampling = {{{"nearest", Filter::nearest_exact},
                                                    {"lanczos", Filter::bicubic},
                                                    {"bilinear", Filter::bilinear},
                                                    {"bicubic", Filter::bicubic},
                                                    {"box", Filter::box},
                                                    {"hamming", Filter::hamming}}};

/// resample: an integer of PIL.Image.Resampling.
Filter read_resample(Keys& keys) {
  const nlohmann::json* value = keys.find("resample");
  if (value == nullptr) keys.refuse_missing("resample", "do_resize is true");
  const std::int64_t number = value->is_boolean()          ? value->get<bool>()
                              : value->is_number_integer() ? value->get<std::int64_t>()
                                                           : -1;
  if (number < 0 || number >= static_cast<std::int64_t>(kResampling.size())) {
    keys.refuse("resample", value->dump() +
                                " is unknown; 0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) and 5 "
                                "(hamming) are allowed");
  }
  const Resampling& row = kResampling[static_cast<std::size_t>(number)];
  if (row.filter == Filter::box || row.filter == Filter::hamming) {
    keys.not_built("resample", "torchvision does not resize tensors with " + std::string(row.name));
  }
  return row.filter;
}

/// With a space ahead; empty for a rule that has keys of its own.
std::string text_of(const SizeKeys& size) {
  if (size.height != 0) return " " + text_of(Extent{size.height, size.width});
  if (size.max_height != 0) return " at most " + text_of(Extent{size.max_height, size.max_width});
  std::string text;
  if (size.shortest_edge != 0) text += " shortest_edge " + std::to_string(size.shortest_edge);
  if (size.longest_edge != 0)
    text += (text.empty() ? "" : ",") + (" longest_edge " + std::to_string(size.longest_edge));
  return text;
}

std::string name_of(const SizeRule& rule, const ResizeOptions& options) {
  std::string name = std::string(options.always ? "resize!(" : "resize(") + rule.name;
  if (options.filter) name += std::string(", ") + kir::name_of(*options.filter);
  if (!options.antialias) name += ", no antialias";
  if (options.floats) name += ", of floats";
  return name + ")";
}

}  // namespace

Operation resize_to(SizeOf size_of, Interpolation how, std::string text) {
  text += std::string(", ") + name_of(how.filter) + (how.antialias ? "" : ", not antialiased");
  return {.text = std::move(text),
          .extend =
              [size_of = std::move(size_of), how](Draft& draft) {
                for (Picture& picture : draft.pictures) draft.resize(picture, size_of(picture.size), how);
              },
          .resizes = true};
}

Stage resize(const SizeRule& rule, ResizeOptions options) {
  const auto read = [&rule, options](Keys& keys) -> Operation {
    if (!options.always && !keys.boolean("do_resize")) return {};
    const Interpolation how = {options.filter ? *options.filter : read_resample(keys), options.antialias};
    const SizeKeys size = rule.reads_size ? read_size(keys, rule) : SizeKeys{};
    Operation operation = resize_to(rule.bind(keys, size), how, std::string("resize ") + rule.name + text_of(size));
    if (options.floats) {
      operation.text += ", of floats";
      operation.floats = true;
      operation.extend = [resize = std::move(operation.extend)](Draft& draft) {
        for (Picture& picture : draft.pictures) picture.rounds = false;
        resize(draft);
      };
    }
    return operation;
  };
  return {name_of(rule, options), read};
}

}  // namespace kir
