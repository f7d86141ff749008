#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/describe.hpp"
#include <nlohmann/json.hpp>
namespace kir {
namespace { [[noreturn]] void not_yet() { throw Error(ErrorCode::unsupported, "plan", "not built yet"); } }
std::int64_t Output::elements() const { std::int64_t n = 1; for (std::int64_t s : shape) n *= s; return n; }
const std::vector<ClassFacts>& class_facts() { static const std::vector<ClassFacts> facts; return facts; }
ProcessorSpec parse_spec(std::string_view, std::string) { not_yet(); }
ProcessorSpec load_spec(const std::string&) { not_yet(); }
ProcessorSpec resize_normalize_spec(const ResizeNormalize&) { not_yet(); }
std::vector<Probe> probes(const ProcessorSpec&, std::span<const ImageSize>) { not_yet(); }
Plan plan(const ProcessorSpec&, std::span<const ImageSize>, const PlanOptions&, std::span<const ProbeResult>) { not_yet(); }
Plan plan_stacked(const ProcessorSpec&, std::int64_t, ImageSize, const PlanOptions&, std::span<const ProbeResult>) { not_yet(); }
void validate(const Plan&) { not_yet(); }
std::string describe(const ProcessorSpec&, const Plan&) { not_yet(); }
nlohmann::json plan_json(const Plan&) { not_yet(); }
}
