// Hashes of plans: whether a plan is the one that was reviewed, or that was measured.
// FNV-1a is not cryptographic: it notices what somebody forgot, not what somebody forged.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace kir {

inline constexpr std::uint64_t kHashBasis = 0xcbf29ce484222325U;

/// 64-bit FNV-1a of `bytes`, continued from `hash` (http://www.isthe.com/chongo/tech/comp/fnv).
std::uint64_t fnv1a64(std::string_view bytes, std::uint64_t hash = kHashBasis);

/// 16 hex digits.
std::string hash_text(std::uint64_t hash);

/// The plan with plausible answers to the probes: the mean and deviation of an ordinary photograph. Throws as plan().
Plan plan_of_plausible_images(const ProcessorSpec& spec, std::span<const ImageSize> images,
                              const PlanOptions& options = {});

/// The hash of that plan as JSON (describe/describe.hpp), or of the error in its place, continued from `hash`.
std::uint64_t plan_hash(const ProcessorSpec& spec, std::span<const ImageSize> images, const PlanOptions& options = {},
                        std::uint64_t hash = kHashBasis);

}  // namespace kir
