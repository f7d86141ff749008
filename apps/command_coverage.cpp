// kir coverage: every processor, whether it is planned, and whether recorded tests found it equal to the installed
// class.
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
#include "gate/coverage.hpp"
#include "gate/plan_hashes.hpp"
#include "gate/processor_table.hpp"

namespace kir::apps {

namespace {

using gate::ProcessorRow;

struct Options {
  std::string configs, source = KIR_SOURCE_DIR, json;

  std::string config_root() const { return configs.empty() ? config_dir() : configs; }
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// The last columns: the numerics, or why there are none.
std::string outcome(const ProcessorRow& row) {
  return row.reproduced ? joined(row.modes) : row.reason;
}

/// Of how many classes the most favoured configuration is reproduced, and of how many there are.
std::pair<long, std::size_t> count_classes(const std::vector<ProcessorRow>& rows) {
  std::map<std::string, bool> classes;
  for (const ProcessorRow& row : rows) classes[row.class_name] = classes[row.class_name] || row.reproduced;
  return {std::count_if(classes.begin(), classes.end(), [](const auto& one) { return one.second; }), classes.size()};
}

void print_table(const std::vector<ProcessorRow>& rows) {
  std::size_t name = 0, class_name = 0;
  for (const ProcessorRow& row : rows) {
    name = std::max(name, row.model_type.size());
    class_name = std::max(class_name, row.class_name.size());
  }
  for (const ProcessorRow& row : rows) {
    std::printf("%-*s  %-*s  %-7s  %-11s  %s\n", static_cast<int>(name), row.model_type.c_str(),
                static_cast<int>(class_name), row.class_name.c_str(), row.family.empty() ? "-" : row.family.c_str(),
                row.reproduced ? "reproduced"
                : row.planned  ? "planned"
                               : "not planned",
                outcome(row).c_str());
  }
  const auto planned = std::count_if(rows.begin(), rows.end(), [](const ProcessorRow& row) { return row.planned; });
  const auto reproduced = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.reproduced; });
  const auto [classes, all] = count_classes(rows);
  std::printf("\n%ld of %zu model types planned, %ld reproduced; %ld of %zu classes reproduced\n",
              static_cast<long>(planned), rows.size(), static_cast<long>(reproduced), classes, all);
}

nlohmann::json to_json(const std::vector<ProcessorRow>& rows) {
  nlohmann::json processors = nlohmann::json::array();
  for (const ProcessorRow& row : rows) {
    processors.push_back({{"model_type", row.model_type},
                          {"class", row.class_name},
                          {"family", row.family},
                          {"planned", row.planned},
                          {"reproduced", row.reproduced},
                          {"modes", row.modes},
                          {"reason", row.reason}});
  }
  return {{"processors", processors}};
}

int run(const Options& options) {
  check_json_path(options.json);
  const std::string root = options.config_root();
  const std::vector<ProcessorRow> rows = gate::processor_table(
      gate::configurations(root + "/processors"), gate::read_processor_evidence(options.source + "/reports/recorded"),
      gate::plan_hashes(root));
  if (!is_stdout(options.json)) print_table(rows);
  write_json(options.json, to_json(rows));
  return 0;
}

}  // namespace

void add_coverage_command(CLI::App& app, Action& chosen) {
  CLI::App* command =
      app.add_subcommand("coverage", "Every processor: whether it is planned, and reproduced by recorded tests");
  auto options = std::make_shared<Options>();
  command->add_option("--configs", options->configs, "Folder of processors/ and suites/ (default: configs)")
      ->type_name("DIR");
  command->add_option("--source", options->source, "Folder of reports/recorded")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--json", options->json, "Write {processors: [...]} to a file, or to stdout for -")
      ->type_name("FILE");
  command->footer(
      "A processor is reproduced when `make record-processors` compared it with the installed class, in the numerics\n"
      "that are its own, found no difference, and its plans are the same today.\n"
      "Examples:\n"
      "  kir coverage\n"
      "  kir coverage --json - | python -m json.tool");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
