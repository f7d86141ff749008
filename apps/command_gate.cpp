// kir gate: what is measured now against what configs/gate.json accepts.
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/backends.hpp"
#include "apps/commands.hpp"
#include "apps/config_dir.hpp"
#include "apps/json_file.hpp"
#include "apps/photos.hpp"
#include "apps/progress.hpp"
#include "apps/thread_executor.hpp"
#include "gate/agreement.hpp"
#include "gate/coverage.hpp"
#include "gate/plan_hashes.hpp"
#include "gate/recorded.hpp"
#include "gate/speed.hpp"
#include "json/reader.hpp"
#include "kir/error.hpp"
#include "parity/random.hpp"
#include "reference/libtorch_backend.hpp"

namespace kir::apps {

namespace {

struct Options {
  std::string gate, configs, source = KIR_SOURCE_DIR, json, stamp;
  std::vector<std::string> photos;
  std::optional<std::uint64_t> seed;
  bool recorded_only = false;

  std::string config_root() const { return configs.empty() ? config_dir() : configs; }
  std::string gate_file() const { return gate.empty() ? config_root() + "/gate.json" : gate; }
  std::string recorded_dir() const { return source + "/reports/recorded"; }
};

// Backends by name, each made once.
class Backends {
 public:
  Backend& named(const std::string& name) {
    std::unique_ptr<Backend>& backend = made_[name];
    if (!backend) backend = make_backend(name);
    return *backend;
  }

 private:
  std::map<std::string, std::unique_ptr<Backend>> made_;
};

// Everything that is measured on this machine: coverage, then parity on all cores, then speed on one.
std::vector<gate::Check> measure(const Options& options, const gate::Settings& settings, std::uint64_t seed) {
  const std::string root = options.config_root();
  const std::vector<parity::Image> photos = load_photos(options.photos);
  const parity::Settings bounds = parity::load_settings(root + "/parity.json");
  Backends backends;
  const auto named = [&](const std::string& name) -> Backend& { return backends.named(name); };
  Progress progress("kir gate", 0);
  const auto announce = [&](const std::string& what) { progress.advance(what); };

  std::vector<gate::Check> checks = gate::check_coverage(settings.coverage, gate::configurations(root + "/processors"));

  ThreadExecutor executor(0);
  set_libtorch_threads(executor.workers());
  parity::ParityOptions compared;
  compared.configs_dir = root + "/processors";
  compared.seed = seed;
  compared.quick = true;
  compared.photos = photos;
  compared.settings = bounds;
  compared.context.executor = &executor;
  append(checks, gate::check_parity(settings.parity, compared, named, announce));

  set_libtorch_threads(1);
  benchmarks::BenchOptions timed;
  timed.suites_dir = root + "/suites";
  timed.settings = bounds;
  timed.seed = seed;
  timed.photos = photos;
  append(checks, gate::check_speed(settings, timed, named, announce));
  return checks;
}

nlohmann::json to_json(const std::vector<gate::Check>& checks, std::optional<std::uint64_t> seed) {
  nlohmann::json rows = nlohmann::json::array();
  for (const gate::Check& check : checks) {
    nlohmann::json row = {
        {"room", check.room},       {"name", check.name},          {"verdict", gate::name_of(check.verdict)},
        {"note", check.note},       {"measured", nullptr},         {"margin", nullptr},
        {"unit", check.bound.unit}, {"reason", check.bound.reason}};
    if (!check.bound.unit.empty())
      row[check.bound.side == gate::Bound::Side::at_most ? "at_most" : "at_least"] = check.bound.value;
    if (check.is_measured && std::isfinite(check.measured)) {
      row["measured"] = check.measured;
      row["margin"] = gate::margin(check);
    }
    rows.push_back(std::move(row));
  }
  nlohmann::json result = {{"checks", std::move(rows)}};
  if (seed) result["seed"] = *seed;
  return result;
}

int stamp_evidence(const Options& options, const gate::Settings& settings) {
  nlohmann::json evidence = read_json_object(options.stamp);
  if (!evidence.contains("command") || !evidence["command"].is_string())
    throw Error(ErrorCode::invalid_argument, "--stamp", options.stamp + ": command: must be a text, what records it");
  evidence["sources"] = gate::source_stamp(options.source, settings.sources_of(evidence["command"]),
                                           gate::plan_hashes(options.config_root()));
  write_json(options.stamp, evidence);
  return 0;
}

int run(const Options& options) {
  check_json_path(options.json);
  const gate::Settings settings = gate::load_settings(options.gate_file());
  if (!options.stamp.empty()) return stamp_evidence(options, settings);

  std::vector<gate::Check> checks;
  std::optional<std::uint64_t> seed;
  if (!options.recorded_only) {
    seed = options.seed.value_or(parity::fresh_seed());
    if (!is_stdout(options.json)) std::printf("seed %llu\n", static_cast<unsigned long long>(*seed));
    checks = measure(options, settings, *seed);
  }
  append(checks, gate::check_recorded(settings, options.source, options.recorded_dir(),
                                      gate::plan_hashes(options.config_root())));
  if (!is_stdout(options.json)) std::fputs(gate::table_of(checks).c_str(), stdout);
  write_json(options.json, to_json(checks, seed));
  return gate::passed(checks, options.recorded_only) ? 0 : 1;
}

}  // namespace

void add_gate_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("gate", "What is measured now against what configs/gate.json accepts");
  auto options = std::make_shared<Options>();
  command->add_option("--gate", options->gate, "Accepted values (default: CONFIGS/gate.json)")->type_name("FILE");
  command
      ->add_option("--configs", options->configs, "Folder of processors/, suites/ and parity.json (default: configs)")
      ->type_name("DIR");
  command->add_option("--source", options->source, "Folder of the sources and of reports/recorded")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--recorded-only", options->recorded_only, "Only the evidence under reports/recorded");
  command->add_option("--photos", options->photos, "Photographs among the cases: files or folders")->type_name("PATH");
  command->add_option("--seed", options->seed, "Repeat the run of a printed seed (default: a fresh one)");
  command
      ->add_option("--stamp", options->stamp,
                   "Write the hashes of its command's sources and plans into this new evidence; check nothing")
      ->type_name("FILE");
  command->add_option("--json", options->json, "Write {checks: [...]} to a file, or to stdout for -")
      ->type_name("FILE");
  command->footer(
      "Exit codes: 0 nothing regressed, 1 something did (or nothing was measured), 2 bad input.\n"
      "Evidence that is absent is skipped by name: --recorded-only is 0 then.\n"
      "Examples:\n"
      "  kir gate\n"
      "  kir gate --recorded-only\n"
      "  kir gate --stamp reports/recorded/h200.json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
