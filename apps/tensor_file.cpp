#include "apps/tensor_file.hpp"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apps/atomic_file.hpp"
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

void write_npy(AtomicFile& file, const Tensor& tensor) {
  const std::string header = npy_header(tensor.type, tensor.shape).value();
  file.write(header.data(), header.size());
  file.write(tensor.data.data(), tensor.data.size());
}

// https://github.com/huggingface/safetensors#format: the header's length in 8 bytes, the header (JSON, padded with
// spaces so that the data is aligned to 8), the data.
void write_safetensors(AtomicFile& file, std::span<const Tensor> tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::size_t end = 0;
  for (const Tensor& tensor : tensors) {
    const std::size_t begin = end;
    end += tensor.data.size();
    header[tensor.name] = {
        {"dtype", safetensors_type(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  file.write(&length, sizeof length);
  file.write(text.data(), text.size());
  for (const Tensor& tensor : tensors) file.write(tensor.data.data(), tensor.data.size());
}

}  // namespace

std::string tensor_name(const Output& output) {
  return output.image < 0 ? output.key : output.key + "." + std::to_string(output.image);
}

std::vector<Tensor> allocate_outputs(const Plan& plan) {
  std::vector<Tensor> tensors;
  tensors.reserve(plan.outputs.size());
  for (const Output& output : plan.outputs) {
    Tensor tensor{tensor_name(output), output.type, output.shape, std::vector<std::byte>(output.bytes())};
    for (std::size_t i = 0; i < output.values.size(); ++i) {
      store_value(output.type, output.values[i], tensor.data.data() + i * bytes_of(output.type));
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::vector<OutputView> output_views(std::span<Tensor> tensors) {
  std::vector<OutputView> views;
  views.reserve(tensors.size());
  for (Tensor& tensor : tensors) views.push_back({tensor.data.data(), tensor.data.size()});
  return views;
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

void write_tensors(const std::string& path, std::span<const Tensor> tensors) {
  AtomicFile file(path);
  if (ends_with(path, ".npy")) {
    write_npy(file, tensors[0]);
  } else {
    write_safetensors(file, tensors);
  }
  file.commit();
}

}  // namespace kir::apps
