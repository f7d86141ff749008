// kir: the command line. One subcommand a file (command_*.cpp).
// Exit codes: 0 ok, 1 a bound is broken, 2 bad input.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "apps/commands.hpp"
#include "kir/error.hpp"

namespace {

constexpr int kBadInput = 2;

int fail(const std::string& what) {
  std::fprintf(stderr, "kir: %s\n", what.c_str());
  return kBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the user's limit (ulimit -f) is an error that is told, not an end
  CLI::App app{"Image preprocessing of transformers' processors: what each computes, and how fast", "kir"};
  app.set_version_flag("--version", std::string("kir ") + KIR_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 ok, 1 a bound is broken, 2 bad input.\n"
      "Examples:\n"
      "  kir list --supported\n"
      "  kir plan clip --size 480x640\n"
      "  kir run clip photo.jpg -o clip.safetensors\n"
      "  kir COMMAND --help");

  kir::apps::Action chosen;
  kir::apps::add_list_command(app, chosen);
  kir::apps::add_coverage_command(app, chosen);
  kir::apps::add_plan_command(app, chosen);
  kir::apps::add_run_command(app, chosen);
  kir::apps::add_parity_command(app, chosen);
  kir::apps::add_bench_command(app, chosen);
  kir::apps::add_report_command(app, chosen);
  kir::apps::add_gate_command(app, chosen);

  try {
    app.parse(argc, argv);
    return chosen();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    return fail(error.what() + std::string("\nRun with --help for what is allowed."));
  } catch (const std::bad_alloc&) {
    return fail("not enough memory for this request");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
