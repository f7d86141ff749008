// kir report: runs the report generator (Python, reports/) on this very program.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "kir/error.hpp"

namespace kir::apps {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string out = "reports/out", source = KIR_SOURCE_DIR;
  bool quick = false, render_only = false, readme = false;
};

std::string interpreter() {
  const char* const chosen = std::getenv("KIR_PYTHON");
  return chosen != nullptr && *chosen != '\0' ? chosen : KIR_PYTHON;
}

// Becomes the generator, so that its exit code, its output and an interrupt are this command's own.
int run(const Options& options) {
  const fs::path source = options.source;
  if (!fs::is_regular_file(source / "reports" / "generate.py"))
    throw Error(ErrorCode::io, "--source", "\"" + options.source + "\" has no reports/generate.py");
  const fs::path out = options.out == Options().out ? source / options.out : fs::absolute(options.out);

  std::vector<std::string> words = {interpreter(), "-m",        "reports", "--kir", fs::read_symlink("/proc/self/exe"),
                                    "--out",       out.string()};
  if (options.quick) words.emplace_back("--quick");
  if (options.render_only) words.emplace_back("--render-only");
  if (options.readme) words.emplace_back("--readme");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  fs::current_path(source);  // where `-m reports` is found
  ::execvp(arguments[0], arguments.data());
  throw Error(ErrorCode::io, "KIR_PYTHON", "cannot start \"" + words[0] + "\": " + std::strerror(errno));
}

}  // namespace

void add_report_command(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("report", "Photographs, parity and speed as one HTML and one Markdown page");
  auto options = std::make_shared<Options>();
  command->add_option("--out", options->out, "Folder of the report; the default is under the source folder")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--source", options->source, "The project's source folder")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--quick", options->quick, "Shorter timings");
  command->add_flag("--render-only", options->render_only, "Make the pages again from OUT/data; measure nothing");
  command->add_flag("--readme", options->readme, "Also renew reports/readme/overview.png");
  command->footer(
      "Exit codes: 0 the report is complete, 1 a bound is broken or something is missing in it, 2 bad input.\n"
      "KIR_PYTHON in the environment names another interpreter.\n"
      "Examples:\n"
      "  kir report\n"
      "  kir report --quick --out /tmp/report");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace kir::apps
