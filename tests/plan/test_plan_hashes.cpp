// Every configuration's plans are those that tests/plan/plan_hashes.json has the hashes of. A change of the planner
// that is meant to change no plan is proved by it, and one that changes some is seen to change those alone.
// KIR_WRITE_PLAN_HASHES=1 writes the file anew; its difference then belongs to the change, and is reviewed with it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "describe/plan_hash.hpp"
#include "tests/plan/fixtures.hpp"

namespace kir::test {

namespace {

using nlohmann::json;

constexpr const char* kFile = "tests/plan/plan_hashes.json";

struct Batch {
  std::string name;
  std::vector<ImageSize> images;
  std::vector<std::int64_t> groups = {};
};

const std::vector<Batch>& batches() {
  static const std::vector<Batch> all = {
      {"one", rgb({{480, 640}})},
      {"ragged", rgb({{480, 640}, {333, 500}, {1024, 768}, {97, 131}, {720, 405}})},
      {"alike", rgb({{300, 400}, {300, 400}, {300, 400}, {300, 400}})},
      {"pixel", rgb({{1, 1}})},
      {"long", rgb({{800, 20}, {20, 800}})},
  };
  return all;
}

const std::vector<Batch>& video_batches() {
  static const std::vector<Batch> all = {
      {"one", rgb({{480, 640}})},
      {"alike", rgb({{300, 400}, {300, 400}, {300, 400}, {300, 400}}), {2, 2}},
      {"ragged", rgb({{480, 640}, {480, 640}, {480, 640}, {97, 131}, {97, 131}}), {3, 2}},
      {"pixel", rgb({{1, 1}, {1, 1}})},
      {"long", rgb({{800, 20}, {800, 20}, {20, 800}}), {2, 1}},
  };
  return all;
}

// The hash of all plans of a configuration and a batch, over what a caller may ask for; a refusal counts by its text.
std::uint64_t hash_of(const ProcessorSpec& spec, const Batch& batch) {
  std::uint64_t hash = kHashBasis;
  for (const Numerics numerics : {Numerics::float32, Numerics::torch_cpu}) {
    for (const std::optional<Type> type : {std::optional<Type>(), std::optional(Type::bf16), std::optional(Type::u8)}) {
      for (const ChannelOrder order : {ChannelOrder::nchw, ChannelOrder::nhwc}) {
        PlanOptions options;
        options.numerics = numerics;
        options.output_type = type;
        options.order = order;
        options.groups = batch.groups;
        hash = plan_hash(spec, batch.images, options, hash);
      }
    }
  }
  return hash;
}

void add_hashes(const std::string& folder, const std::string& prefix, const std::vector<Batch>& batches, json& all) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(entry.path());
    const std::string config((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const std::string name = entry.path().stem().string();
    const ProcessorSpec spec = parse_spec(config, name + ".json");
    if (!spec.unsupported.empty()) continue;
    for (const Batch& batch : batches) all[prefix + name][batch.name] = hash_text(hash_of(spec, batch));
  }
}

// {model type: {batch: hash}}, of the configurations that are planned; those of videos as video/MODEL_TYPE.
json hashes() {
  json all = json::object();
  add_hashes("configs/processors", "", batches(), all);
  add_hashes("configs/video", "video/", video_batches(), all);
  return all;
}

json recorded_hashes() {
  std::ifstream stream(kFile);
  return json::parse(stream);
}

}  // namespace

TEST_CASE("FNV-1a gives the published values", "[hashes]") {  // http://www.isthe.com/chongo/src/fnv/test_fnv.c
  CHECK(fnv1a64("") == 0xcbf29ce484222325U);
  CHECK(fnv1a64("a") == 0xaf63dc4c8601ec8cU);
  CHECK(fnv1a64("foobar") == 0x85944171f73967e8U);
  CHECK(fnv1a64("bar", fnv1a64("foo")) == fnv1a64("foobar"));
  CHECK(hash_text(0xaf63dc4c8601ecU) == "00af63dc4c8601ec");
}

TEST_CASE("the plans of every configuration are those that were reviewed", "[hashes]") {
  const json made = hashes();
  if (const char* write = std::getenv("KIR_WRITE_PLAN_HASHES"); write != nullptr && *write != '\0') {
    std::ofstream(kFile) << made.dump(1) << "\n";
  }
  const json recorded = recorded_hashes();
  std::string changed;
  for (const auto& [name, batch_hashes] : made.items()) {
    for (const auto& [batch, hash] : batch_hashes.items()) {
      if (!recorded.contains(name)) {
        changed += "\n  " + name + ": new";
        break;
      }
      if (recorded[name].value(batch, "") != hash) changed += "\n  " + name + ", " + batch;
    }
  }
  for (const auto& [name, batch_hashes] : recorded.items()) {
    if (!made.contains(name)) changed += "\n  " + name + ": not planned any more";
  }
  std::cout << "test_plan: plans of " << made.size() << " configurations, " << batches().size() << " batches each\n";
  INFO("changed plans:" << changed);
  CHECK(changed.empty());
  CHECK(made.size() > 0);
}

}  // namespace kir::test
