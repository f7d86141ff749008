// kir list: every configuration, its family, and whether the planner builds it.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/config_dir.hpp"
#include "apps/json_file.hpp"
#include "apps/progress.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"

namespace kir::apps {

namespace {

struct Options {
  std::string folder, family, json;
  bool supported_only = false;
};

struct Row {
  std::string name, file, class_name, family, reason;
  bool supported() const { return reason.empty(); }
};

constexpr Family kFamilies[] = {Family::stretch, Family::shortest_crop, Family::aligned,        Family::pad_multiple,
                                Family::fit_pad, Family::batch_pad,     Family::packed_patches, Family::padded_patches,
                                Family::tiles,   Family::warp,          Family::pil_only};

void check_family(const std::string& family) {
  std::string known;
  for (const Family each : kFamilies) {
    if (family == name_of(each)) return;
    known += (known.empty() ? "" : ", ") + std::string(name_of(each));
  }
  throw Error(ErrorCode::invalid_argument, "--family", "\"" + family + "\" is unknown; the families are " + known);
}

std::vector<Row> read_rows(const Options& options) {
  const std::vector<std::string> files =
      config_files(options.folder.empty() ? config_dir() + "/processors" : options.folder);
  Progress progress("kir list", static_cast<std::int64_t>(files.size()));
  std::vector<Row> rows;
  for (const std::string& file : files) {
    const ProcessorSpec spec = load_spec(file);
    progress.step(file);
    Row row{config_name(file), file, spec.class_name, name_of(spec.facts.family), spec.unsupported};
    if (options.supported_only && !row.supported()) continue;
    if (!options.family.empty() && row.family != options.family) continue;
    rows.push_back(std::move(row));
  }
  return rows;
}

void print_table(const std::vector<Row>& rows) {
  std::size_t name_width = 0, class_width = 0;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    class_width = std::max(class_width, row.class_name.size());
  }
  std::map<std::string, std::pair<int, int>> families;  // supported, all
  int supported = 0;
  for (const Row& row : rows) {
    std::printf("%-*s  %-*s  %-14s  %s\n", static_cast<int>(name_width), row.name.c_str(),
                static_cast<int>(class_width), row.class_name.c_str(), row.family.c_str(),
                row.supported() ? "supported" : row.reason.c_str());
    families[row.family].first += row.supported();
    families[row.family].second += 1;
    supported += row.supported();
  }
  std::printf("\n%d of %zu configurations supported:", supported, rows.size());
  for (const auto& [family, counts] : families) std::printf(" %s %d/%d", family.c_str(), counts.first, counts.second);
  std::printf("\n");
}

nlohmann::json to_json(const std::vector<Row>& rows) {
  nlohmann::json configs = nlohmann::json::array();
  for (const Row& row : rows) {
    configs.push_back({{"name", row.name},
                       {"file", row.file},
                       {"class", row.class_name},
                       {"family", row.family},
                       {"supported", row.supported()},
                       {"reason", row.reason}});
  }
  return {{"configs", configs}};
}

int run(const Options& options) {
  check_json_path(options.json);
  if (!options.family.empty()) check_family(options.family);
  const std::vector<Row> rows = read_rows(options);
  if (!is_stdout(options.json)) print_table(rows);
  write_json(options.json, to_json(rows));
  return 0;
}

}  // namespace

void add_list_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("list", "Every configuration: class, family, supported or why not");
  auto options = std::make_shared<Options>();
  command->add_option("--configs", options->folder, "Folder of configurations (default: configs/processors)")
      ->type_name("DIR");
  command->add_flag("--supported", options->supported_only, "Only those that the planner builds");
  command->add_option("--family", options->family, "Only one family, e.g. shortest_crop")->type_name("NAME");
  command->add_option("--json", options->json, "Write {configs: [...]} to a file, or to stdout for -")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  kir list\n"
      "  kir list --supported --family stretch\n"
      "  kir list --json - | python -m json.tool");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
