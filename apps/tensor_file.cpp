#include "apps/tensor_file.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "apps/npy_file.hpp"
#include "kir/error.hpp"

namespace kir::apps {

static_assert(std::endian::native == std::endian::little,
              "both formats are written little endian, as memory holds them");

namespace {

bool ends_with(const std::string& path, const char* suffix) {
  return std::string_view(path).ends_with(suffix);
}

template <typename T>
void store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

// The values that a plan itself knows (grids, sizes) are whole numbers or float32.
void store_value(Type type, double value, std::byte* to) {
  switch (type) {
    case Type::u8:
    case Type::boolean:
      return store(to, static_cast<std::uint8_t>(value));
    case Type::i32:
      return store(to, static_cast<std::int32_t>(value));
    case Type::i64:
      return store(to, static_cast<std::int64_t>(value));
    case Type::f32:
      return store(to, static_cast<float>(value));
    case Type::f16:
    case Type::bf16:
      break;
  }
  throw Error(ErrorCode::unsupported, "plan", "an output of values in " + std::string(name_of(type)));
}

const char* safetensors_type(Type type) {
  switch (type) {
    case Type::u8:
      return "U8";
    case Type::boolean:
      return "BOOL";
    case Type::i32:
      return "I32";
    case Type::i64:
      return "I64";
    case Type::f16:
      return "F16";
    case Type::bf16:
      return "BF16";
    case Type::f32:
      return "F32";
  }
  return "";
}

// A file's header, and where behind it each tensor stands.
struct FileLayout {
  std::string header;
  std::vector<std::size_t> offsets;
};

FileLayout npy_layout(const Output& output) {
  return {npy_header(output.type, output.shape).value(), {0}};
}

// Elements of eight bytes first, then of four, two and one: behind a header of a multiple of 8 bytes every tensor is
// aligned to its type then, without holes, which the format forbids. The safetensors library orders them so too.
std::vector<std::size_t> offsets_of(std::span<const Output> outputs) {
  std::vector<std::size_t> order(outputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return bytes_of(outputs[a].type) > bytes_of(outputs[b].type); });
  std::vector<std::size_t> offsets(outputs.size());
  std::size_t end = 0;
  for (const std::size_t output : order) {
    offsets[output] = end;
    end += outputs[output].bytes();
  }
  return offsets;
}

// https://github.com/huggingface/safetensors#format: the header's length in 8 bytes, the header (JSON, padded with
// spaces so that the data is aligned to 8), the data.
FileLayout safetensors_layout(std::span<const Output> outputs) {
  FileLayout layout = {{}, offsets_of(outputs)};
  nlohmann::ordered_json entries = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::size_t begin = layout.offsets[i];
    entries[tensor_name(outputs[i])] = {{"dtype", safetensors_type(outputs[i].type)},
                                        {"shape", outputs[i].shape},
                                        {"data_offsets", {begin, begin + outputs[i].bytes()}}};
  }
  std::string text = entries.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  layout.header.assign(reinterpret_cast<const char*>(&length), sizeof length);
  layout.header += text;
  return layout;
}

}  // namespace

std::string tensor_name(const Output& output) {
  return output.of.kind == Share::Kind::batch ? output.key : output.key + "." + std::to_string(output.of.index);
}

void store_values(const Output& output, std::span<std::byte> memory) {
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    store_value(output.type, output.values[i], memory.data() + i * bytes_of(output.type));
  }
}

void check_tensor_path(const std::string& argument, const std::string& path) {
  if (!ends_with(path, ".npy") && !ends_with(path, ".safetensors")) {
    throw Error(ErrorCode::invalid_argument, argument, "\"" + path + "\" must end in .npy or .safetensors");
  }
  try {
    check_writable(path);
  } catch (const Error& error) {
    throw Error(error.code, argument + " " + error.argument, error.message);
  }
}

void check_tensor_format(const std::string& argument, const std::string& path, const std::vector<Output>& outputs) {
  if (!ends_with(path, ".npy")) return;
  if (outputs.size() != 1) {
    std::string names;
    for (const Output& output : outputs) names += (names.empty() ? "" : ", ") + tensor_name(output);
    throw Error(ErrorCode::invalid_argument, argument,
                "\"" + path + "\" holds one tensor, and this run gives " + std::to_string(outputs.size()) + " (" +
                    names + "): use .safetensors, or choose one with --key");
  }
  if (!npy_header(outputs[0].type, outputs[0].shape)) {
    throw Error(
        ErrorCode::invalid_argument, argument,
        "\"" + path + "\": numpy has no " + name_of(outputs[0].type) + ": use .safetensors, or another --dtype");
  }
}

TensorFile::TensorFile(const std::string& path, std::span<const Output> outputs) : file_(path) {
  const FileLayout layout = ends_with(path, ".npy") ? npy_layout(outputs[0]) : safetensors_layout(outputs);
  std::size_t bytes = layout.header.size();
  for (const Output& output : outputs) bytes += output.bytes();
  const std::span<std::byte> memory = file_.map(bytes);
  std::memcpy(memory.data(), layout.header.data(), layout.header.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    tensors_.push_back(memory.subspan(layout.header.size() + layout.offsets[i], outputs[i].bytes()));
    store_values(outputs[i], tensors_.back());
  }
}

}  // namespace kir::apps
