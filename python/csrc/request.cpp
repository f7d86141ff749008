#include "request.hpp"

#include <cstdlib>

#include "errors.hpp"
#include "json/reader.hpp"
#include "plan/names.hpp"
#include "tensors.hpp"
#include "text_cache.hpp"

namespace kir::python {

namespace {

// JSON has no number that is not finite, and the library's checks shall name the argument.
double number(const JsonValue& value) {
  return value.raw().is_string() ? std::strtod(value.text().c_str(), nullptr) : value.number();
}

std::vector<double> numbers(const JsonValue& list) {
  std::vector<double> values;
  for (const JsonValue& value : list.list()) values.push_back(number(value));
  return values;
}

std::vector<std::int64_t> sides(const JsonValue& value) {
  const std::vector<JsonValue> list = value.list();
  if (list.size() != 2) {
    value.refuse(std::to_string(list.size()) + " numbers; one (square) or two (height, width) are allowed");
  }
  std::vector<std::int64_t> sides;
  for (const JsonValue& side : list) {
    const nlohmann::json& raw = side.raw();
    if (!raw.is_number_integer() || raw < 1 || raw > kMaxEdge) {
      value.refuse(raw.dump() + " is not an integer in 1.." + std::to_string(kMaxEdge));
    }
    sides.push_back(raw.get<std::int64_t>());
  }
  return sides;
}

ResizeMode resize_mode_named(const std::string& name) {
  if (name == "square") return ResizeMode::square;
  if (name == "shortest_edge") return ResizeMode::shortest_edge;
  throw_value_error("resize_mode", "\"" + name + "\" is unknown; \"square\" and \"shortest_edge\" are allowed");
}

ProcessorSpec spec_of(JsonObject& json, const std::vector<std::int64_t>& crop_size) {
  const std::vector<std::int64_t> size = sides(json.at("size"));
  ResizeNormalize wanted;
  wanted.height = size[0];
  wanted.width = size[1];
  wanted.image_mean = numbers(json.at("image_mean"));
  wanted.image_std = numbers(json.at("image_std"));
  wanted.rescale_factor = number(json.at("rescale_factor"));
  wanted.resample = filter_named(json.at("resample").text(), "resample");
  wanted.antialias = json.at("antialias").boolean();
  wanted.resize_mode = resize_mode_named(json.at("resize_mode").text());
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
  const nlohmann::json document = parse_json_object(text, "request");
  JsonObject json(document, "");  // a key is the argument's name
  Request request;
  const JsonValue crop_size = json.at("crop_size");
  if (!crop_size.is_null()) request.crop_size = sides(crop_size);
  request.spec = spec_of(json, request.crop_size);
  request.options.numerics = numerics_named(json.at("numerics").text());
  request.options.order = order_named(json.at("layout").text());
  request.hwc = is_hwc(json.at("input_layout").text());
  request.backend = json.at("backend").text();
  json.no_other_keys();
  return request;
}

}  // namespace

std::shared_ptr<const Request> request_of(std::string_view text) {
  // Never destroyed: a thread may still run an op when the process ends.
  static auto* const cache = new TextCache<Request>(parse);
  return cache->get(text);
}

}  // namespace kir::python
