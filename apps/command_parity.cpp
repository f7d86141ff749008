// kir parity: two backends over every configuration; the achieved error on pass and on failure.
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/backends.hpp"
#include "apps/commands.hpp"
#include "apps/config_dir.hpp"
#include "apps/json_file.hpp"
#include "apps/photos.hpp"
#include "apps/plan_arguments.hpp"
#include "apps/progress.hpp"
#include "apps/thread_executor.hpp"
#include "kir/error.hpp"
#include "parity/random.hpp"
#include "parity/runner.hpp"

namespace kir::apps {

namespace {

struct Options {
  std::string backend = "cpu", oracle = "reference", numerics = "float32", folder, json;
  std::vector<std::string> only, photos;
  std::optional<std::int64_t> seed;
  int threads = 0;
  bool quick = false;
};

void print_config(const parity::ConfigResult& config) {
  const char* verdict = config.failed > 0 ? "FAIL" : config.cases > 0 ? "ok" : "not run";
  std::printf("%-7s %-24s %-14s %3lld cases", verdict, config.name.c_str(), config.writes.c_str(),
              static_cast<long long>(config.cases));
  if (config.differing == 0) {
    std::printf("  all equal");
  } else {
    std::printf("  max error %.2e (%.2e levels), accepted %.0e, margin %.1fx, %.2f%% of values differ", config.max_abs,
                config.max_levels, config.bound, config.margin, 100 * config.share_differing());
  }
  if (!config.skips.empty()) std::printf(", %zu skipped", config.skips.size());
  std::printf("\n");
  for (const parity::Failure& failure : config.failures) {
    std::printf("        %s\n        %s\n", failure.case_text.c_str(), failure.message.c_str());
  }
}

// Refused configurations by reason, then every other skip by name.
void print_skips(const parity::ParityReport& report) {
  if (report.skipped() == 0) return;
  std::map<std::string, std::string> refused;
  for (const parity::ConfigResult& config : report.configs) {
    if (!config.unsupported.empty()) refused[config.unsupported] += " " + config.name;
  }
  std::printf("\nSkipped (%lld):\n", static_cast<long long>(report.skipped()));
  for (const auto& [reason, names] : refused) std::printf("  %s:%s\n", reason.c_str(), names.c_str());
  for (const parity::ConfigResult& config : report.configs) {
    for (const parity::Skip& skip : config.skips) {
      std::printf("  %s, %s: %s\n", skip.config.c_str(), skip.what.c_str(), skip.reason.c_str());
    }
  }
}

void print_summary(const parity::ParityReport& report) {
  print_skips(report);
  std::printf(
      "\n%s against %s, %s: %lld cases, %lld failed, %lld skipped; max error %.2e normalized units; seed %llu%s\n",
      report.backend.c_str(), report.oracle.c_str(), report.numerics.c_str(), static_cast<long long>(report.cases()),
      static_cast<long long>(report.failed()), static_cast<long long>(report.skipped()), report.max_abs(),
      static_cast<unsigned long long>(report.seed), report.quick ? " (--quick)" : "");
  if (report.cases() == 0) std::printf("No case was run: that is not a pass.\n");
}

int run(const Options& options) {
  check_json_path(options.json);
  const std::unique_ptr<Backend> backend = make_backend(options.backend);
  const std::unique_ptr<Backend> oracle = make_backend(options.oracle);
  const std::unique_ptr<Backend> exact = make_exact(options.oracle);
  if (options.backend == options.oracle) {
    throw Error(ErrorCode::invalid_argument, "--oracle",
                "is the backend itself (" + options.oracle + "): proves nothing");
  }
  const std::vector<parity::Image> photos = load_photos(options.photos);
  ThreadExecutor executor(options.threads);

  PlanArguments arguments;
  arguments.numerics = options.numerics;
  parity::ParityOptions asked;
  asked.configs_dir = options.folder.empty() ? config_dir() + "/processors" : options.folder;
  asked.only = options.only;
  asked.numerics = to_plan_options(arguments).numerics;
  asked.seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : parity::fresh_seed();
  asked.quick = options.quick;
  asked.photos = photos;
  asked.settings = parity::load_settings(config_dir() + "/parity.json");
  asked.context.executor = &executor;

  const bool quiet = is_stdout(options.json);
  if (!quiet) std::printf("seed %llu\n", static_cast<unsigned long long>(asked.seed));
  std::optional<Progress> progress;
  const parity::ParityReport report =
      parity::run_parity(asked, *backend, {*oracle, exact.get()},
                         [&](const parity::ConfigResult& config, std::int64_t, std::int64_t total) {
                           if (!progress) progress.emplace("kir parity", total);
                           if (!quiet && config.unsupported.empty()) print_config(config);
                           progress->advance(config.name);
                         });
  progress.reset();
  if (!quiet) print_summary(report);
  write_json(options.json, parity::to_json(report));
  return report.ok() ? 0 : 1;
}

}  // namespace

void add_parity_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("parity", "Whether two backends compute the same, over every configuration");
  auto options = std::make_shared<Options>();
  command->add_option("--backend", options->backend, "The backend that is checked")->capture_default_str();
  command->add_option("--oracle", options->oracle, "The backend that is taken as right")->capture_default_str();
  command->add_option("--numerics", options->numerics, "float32, torch_cpu or processor")->capture_default_str();
  command->add_option("--configs", options->folder, "Folder of configurations (default: configs/processors)")
      ->type_name("DIR");
  command->add_option("--only", options->only, "Only these configurations")->type_name("NAME");
  command->add_option("--seed", options->seed, "Repeat the run of a printed seed (default: a fresh one)")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()));
  command->add_flag("--quick", options->quick, "Six images a configuration instead of all");
  command
      ->add_option("--photos", options->photos, "Photographs among the cases: JPEG and PNG files, or folders of them")
      ->type_name("PATH");
  command->add_option("--threads", options->threads, "Threads of the backends (default: every core)")
      ->check(CLI::Range(0, 4096));
  command->add_option("--json", options->json, "Write the result to a file, or to stdout for -")->type_name("FILE");
  command->footer(
      "Exit codes: 0 every case is within the bounds of configs/parity.json, 1 one is not, 2 bad input.\n"
      "Examples:\n"
      "  kir parity --backend reference --oracle libtorch\n"
      "  kir parity --backend cpu --oracle libtorch --numerics torch_cpu --photos photos/\n"
      "  kir parity --backend cuda-separable --oracle libtorch-cuda --quick\n"
      "  kir parity --only clip siglip --seed 12345 --json parity.json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
