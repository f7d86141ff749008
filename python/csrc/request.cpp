#include "request.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "plan/names.hpp"
#include "tensors.hpp"
#include "text_cache.hpp"

namespace kir::python {

namespace {

using Json = nlohmann::json;

// JSON has no number that is not finite, and the library's checks shall name the argument.
double number(const Json& value) {
  return value.is_string() ? std::strtod(value.get_ref<const std::string&>().c_str(), nullptr) : value.get<double>();
}

std::vector<double> numbers(const Json& list) {
  std::vector<double> values;
  for (const Json& value : list) values.push_back(number(value));
  return values;
}

std::vector<std::int64_t> sides(const Json& list, const char* argument) {
  if (list.size() != 2) {
    throw_value_error(argument,
                      std::to_string(list.size()) + " numbers; one (square) or two (height, width) are allowed");
  }
  for (const Json& side : list) {
    if (!side.is_number_integer() || side < 1 || side > kMaxEdge) {
      throw_value_error(argument, side.dump() + " is not an integer in 1.." + std::to_string(kMaxEdge));
    }
  }
  return list.get<std::vector<std::int64_t>>();
}

ResizeMode resize_mode_named(const std::string& name) {
  if (name == "square") return ResizeMode::square;
  if (name == "shortest_edge") return ResizeMode::shortest_edge;
  throw_value_error("resize_mode", "\"" + name + "\" is unknown; \"square\" and \"shortest_edge\" are allowed");
}

ProcessorSpec spec_of(const Json& json, const std::vector<std::int64_t>& crop_size) {
  const std::vector<std::int64_t> size = sides(json.at("size"), "size");
  ResizeNormalize wanted;
  wanted.height = size[0];
  wanted.width = size[1];
  wanted.image_mean = numbers(json.at("image_mean"));
  wanted.image_std = numbers(json.at("image_std"));
  wanted.rescale_factor = number(json.at("rescale_factor"));
  wanted.resample = filter_named(json.at("resample").get<std::string>(), "resample");
  wanted.antialias = json.at("antialias").get<bool>();
  wanted.resize_mode = resize_mode_named(json.at("resize_mode").get<std::string>());
  if (wanted.resize_mode == ResizeMode::shortest_edge && wanted.height != wanted.width) {
    throw_value_error("size", text_of_shape(size.data(), 2) +
                                  "; with resize_mode=\"shortest_edge\" it is one number, the short side");
  }
  if (!crop_size.empty()) {
    wanted.crop_height = crop_size[0];
    wanted.crop_width = crop_size[1];
  } else if (wanted.resize_mode == ResizeMode::shortest_edge) {
    throw_value_error("crop_size", "None; resize_mode=\"shortest_edge\" needs it, one number or (height, width)");
  }
  return resize_normalize_spec(wanted);
}

Request parse(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Request request;
    if (!json.at("crop_size").is_null()) request.crop_size = sides(json.at("crop_size"), "crop_size");
    request.spec = spec_of(json, request.crop_size);
    request.options.numerics = numerics_named(json.at("numerics").get<std::string>());
    request.options.order = order_named(json.at("layout").get<std::string>());
    request.hwc = is_hwc(json.at("input_layout").get<std::string>());
    request.backend = json.at("backend").get<std::string>();
    return request;
  } catch (const Json::exception& error) {
    throw_value_error("request", std::string("is not what the package's Python files write: ") + error.what());
  }
}

}  // namespace

std::shared_ptr<const Request> request_of(std::string_view text) {
  // Never destroyed: a thread may still run an op when the process ends.
  static auto* const cache = new TextCache<Request>(parse);
  return cache->get(text);
}

}  // namespace kir::python
