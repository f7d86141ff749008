// The subcommands of `kir`. Each function adds one to the application; its callback sets `chosen` to what the command
// does, and main runs that once the whole command line has been accepted.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace kir::apps {

/// What a chosen subcommand does. Returns the process's exit code: 0 ok, 1 a bound is broken, 2 bad input.
/// A kir::Error that it throws becomes "kir: argument: message" on stderr and exit code 2.
using Action = std::function<int()>;

void add_list_command(CLI::App& app, Action& chosen);
void add_coverage_command(CLI::App& app, Action& chosen);
void add_plan_command(CLI::App& app, Action& chosen);
void add_run_command(CLI::App& app, Action& chosen);
void add_parity_command(CLI::App& app, Action& chosen);
void add_bench_command(CLI::App& app, Action& chosen);
void add_report_command(CLI::App& app, Action& chosen);
void add_gate_command(CLI::App& app, Action& chosen);

}  // namespace kir::apps
