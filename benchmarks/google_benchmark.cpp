#include "benchmarks/google_benchmark.hpp"

#include <benchmark/benchmark.h>

#include <exception>
#include <mutex>
#include <sstream>

namespace kir::benchmarks {
namespace {

using nlohmann::json;

/// Its flags have no other way in. Interleaving spreads a slow minute of the machine over all contenders.
void initialize_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    static char program[] = "kir", interleave[] = "--benchmark_enable_random_interleaving=true";
    static char* arguments[] = {program, interleave, nullptr};
    int count = 2;
    benchmark::Initialize(&count, arguments);
  });
}

void time_calls(const Contender& contender, benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) contender.run();
}

/// One iteration is a whole train; its time is that of one call.
void time_train(const Contender& contender, benchmark::State& state, std::vector<TrainTimes>& trains) {
  for ([[maybe_unused]] auto _ : state) {
    try {
      const TrainTimes times = contender.train();
      state.SetIterationTime(times.call_s);
      trains.push_back(times);
    } catch (const std::exception& error) {  // the device failed
      state.SkipWithError(error.what());
      break;
    }
  }
}

void register_contender(TimedCase& timed, const Contender& contender, const BenchOptions& options) {
  benchmark::internal::Benchmark* entry =
      benchmark::RegisterBenchmark(timed.name_of(contender).c_str(), [&contender, &timed](benchmark::State& state) {
        if (!contender.refused.empty()) {
          state.SkipWithError(contender.refused.c_str());
          return;
        }
        contender.train ? time_train(contender, state, timed.trains[contender.name]) : time_calls(contender, state);
        if (contender.bytes > 0) state.SetBytesProcessed(state.iterations() * contender.bytes);
      });
  entry->Unit(timed.unit)->Repetitions(contender.refused.empty() ? options.repetitions : 1);
  contender.train ? entry->UseManualTime()->Iterations(1) : entry->UseRealTime();
  if (contender.run) entry->MinTime(options.min_time_s);
}

}  // namespace

json time_contenders(TimedCase& timed, const BenchOptions& options) {
  initialize_once();
  benchmark::ClearRegisteredBenchmarks();
  for (const Contender& contender : timed.contenders) register_contender(timed, contender, options);
  std::ostringstream text, errors;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&errors);
  benchmark::RunSpecifiedBenchmarks(&reporter, "all");
  benchmark::ClearRegisteredBenchmarks();  // the contenders end with the case
  return json::parse(text.str());
}

}  // namespace kir::benchmarks
