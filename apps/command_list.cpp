// kir list: every configuration of images or of videos, the recipe of its class, and whether the planner builds it; or
// every class.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
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
  std::string folder, class_name, json;
  bool supported_only = false, classes = false, videos = false;

  Media media() const { return videos ? Media::videos : Media::images; }
};

struct Row {
  std::string name, file, class_name, writes, recipe, reason;
  bool supported() const { return reason.empty(); }
};

std::vector<Row> read_rows(const Options& options) {
  const std::vector<std::string> files =
      config_files(options.folder.empty() ? processors_dir(options.media()) : options.folder);
  std::map<std::string, std::string> recipes;
  for (ProcessorClass& each : processor_classes(options.media())) recipes[each.name] = std::move(each.recipe);
  if (!options.class_name.empty() && !recipes.contains(options.class_name)) {
    throw Error(ErrorCode::invalid_argument, "--class",
                "\"" + options.class_name + "\" is none of the " + std::to_string(recipes.size()) +
                    (options.videos ? " video processor classes, as Qwen2VLVideoProcessor is"
                                    : " image processor classes, as CLIPImageProcessor is"));
  }
  Progress progress("kir list", static_cast<std::int64_t>(files.size()));
  std::vector<Row> rows;
  for (const std::string& file : files) {
    const ProcessorSpec spec = load_spec(file, options.media());
    progress.advance(file);
    Row row{config_name(file), file, spec.class_name, spec.writes, recipes[spec.class_name], spec.unsupported};
    if (options.supported_only && !row.supported()) continue;
    if (!options.class_name.empty() && row.class_name != options.class_name) continue;
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
  int supported = 0;
  for (const Row& row : rows) {
    std::printf("%-*s  %-*s  %s\n", static_cast<int>(name_width), row.name.c_str(), static_cast<int>(class_width),
                row.class_name.c_str(), row.supported() ? row.recipe.c_str() : row.reason.c_str());
    supported += row.supported();
  }
  std::printf("\n%d of %zu configurations supported\n", supported, rows.size());
}

nlohmann::json to_json(const std::vector<Row>& rows) {
  nlohmann::json configs = nlohmann::json::array();
  for (const Row& row : rows) {
    configs.push_back({{"name", row.name},
                       {"file", row.file},
                       {"class", row.class_name},
                       {"writes", row.writes},
                       {"recipe", row.recipe},
                       {"supported", row.supported()},
                       {"reason", row.reason}});
  }
  return {{"configs", configs}};
}

/// The classes alone: no configuration is read, nor what a class takes for a key that one leaves out.
int run_classes(const Options& options) {
  std::vector<ProcessorClass> classes = processor_classes(options.media());
  if (options.supported_only) std::erase_if(classes, [](const ProcessorClass& each) { return each.recipe.empty(); });
  nlohmann::json rows = nlohmann::json::array();
  for (const ProcessorClass& each : classes) {
    rows.push_back({{"name", each.name}, {"recipe", each.recipe}});
    if (is_stdout(options.json)) continue;
    std::printf("%-33s  %s\n", each.name.c_str(), each.recipe.empty() ? "not built yet" : each.recipe.c_str());
  }
  write_json(options.json, {{"classes", rows}});
  return 0;
}

int run(const Options& options) {
  check_json_path(options.json);
  if (options.classes) return run_classes(options);
  const std::vector<Row> rows = read_rows(options);
  if (!is_stdout(options.json)) print_table(rows);
  write_json(options.json, to_json(rows));
  return 0;
}

}  // namespace

void add_list_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("list", "Every configuration: its class, and the recipe or why there is none");
  auto options = std::make_shared<Options>();
  command->add_option("--configs", options->folder, "Folder of configurations (default: configs/processors)")
      ->type_name("DIR");
  command->add_flag("--videos", options->videos, "Configurations, or classes, of videos (default: configs/video)");
  command->add_flag("--supported", options->supported_only, "Only those that the planner builds");
  command->add_option("--class", options->class_name, "Only one class, e.g. CLIPImageProcessor")->type_name("NAME");
  command->add_flag("--classes", options->classes, "The classes instead, and the recipe of each")
      ->excludes("--configs")
      ->excludes("--class");
  command
      ->add_option("--json", options->json,
                   "Write {configs: [...]}, or {classes: [...]}, to a file, or to stdout for -")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  kir list\n"
      "  kir list --videos\n"
      "  kir list --class DetrImageProcessor\n"
      "  kir list --json - | python -m json.tool");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
