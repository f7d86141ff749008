// f16 and bf16 against their definition: the nearest representable value, ties to the even one.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

#include "kernels/cpu/convert.hpp"
#include "tests/catch.hpp"
#include "tests/support/seed.hpp"

using namespace kir::cpu;

namespace {

/// The value of finite half bits, by the definition of the format.
double half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

}  // namespace

TEST_CASE("every half is its own nearest, and the middle between two goes to the even one", "[convert]") {
  std::int64_t checked = 0;
  for (std::uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits), high = static_cast<std::uint16_t>(bits + 1);
    for (const std::uint16_t sign : {std::uint16_t{0}, std::uint16_t{0x8000}}) {
      const auto a = static_cast<std::uint16_t>(low | sign), b = static_cast<std::uint16_t>(high | sign);
      const auto middle = static_cast<float>((half_value(a) + half_value(b)) / 2);  // exact in float32
      const float inner = std::nextafter(middle, static_cast<float>(half_value(a)));
      const float outer = std::nextafter(middle, static_cast<float>(half_value(b)));
      if (f32_of_f16(a) != static_cast<float>(half_value(a)) || f16_bits(static_cast<float>(half_value(a))) != a ||
          f16_bits(middle) != (a & 1 ? b : a) || f16_bits(inner) != a || f16_bits(outer) != b) {
        CAPTURE(a, middle);
        FAIL("wrong");
      }
      ++checked;
    }
  }
  WARN(checked << " pairs of neighbouring halves");
  CHECK(f16_bits(65519.99f) == 0x7bff);
  CHECK(f16_bits(65520.0f) == 0x7c00);
  CHECK(f16_bits(-std::numeric_limits<float>::infinity()) == 0xfc00);
  CHECK((f16_bits(std::numeric_limits<float>::quiet_NaN()) & 0x7fff) > 0x7c00);
  CHECK(f16_bits(-0.0f) == 0x8000);
  CHECK(std::isinf(f32_of_f16(0x7c00)));
  CHECK(std::isnan(f32_of_f16(0x7e00)));
}

TEST_CASE("bf16 is the nearest of its two neighbours, ties to even", "[convert]") {
  std::mt19937 random = kir::test::seeded();
  std::uniform_int_distribution<std::uint32_t> any;
  for (int i = 0; i < 200000; ++i) {
    std::uint32_t bits = any(random);
    if (i % 4 == 0) bits = (bits & 0xffff0000u) | 0x8000u;  // ties
    const float v = std::bit_cast<float>(bits);
    if (!std::isfinite(v)) continue;
    const float down = std::bit_cast<float>(bits & 0xffff0000u),
                up = std::bit_cast<float>((bits & 0xffff0000u) + 0x10000u);
    const std::uint32_t rest = bits & 0xffffu;
    const bool to_up = rest > 0x8000u || (rest == 0x8000u && (bits >> 16) % 2 == 1);
    if (f32_of_bf16(bf16_bits(v)) != (to_up ? up : down)) {
      CAPTURE(bits);
      FAIL("wrong");
    }
  }
  CHECK(std::isnan(f32_of_bf16(bf16_bits(std::bit_cast<float>(0x7f800001u)))));
  CHECK(f32_of_bf16(bf16_bits(std::numeric_limits<float>::infinity())) == std::numeric_limits<float>::infinity());
}

TEST_CASE("levels are rounded to even and clamped", "[convert]") {
  for (int i = 0; i < 255; ++i) {
    const float middle = static_cast<float>(i) + 0.5f;
    CHECK(u8_level(static_cast<float>(i)) == i);
    CHECK(u8_level(middle) == (i % 2 ? i + 1 : i));
    CHECK(u8_level(std::nextafter(middle, 0.0f)) == i);
    CHECK(u8_level(std::nextafter(middle, 300.0f)) == i + 1);
  }
  CHECK(u8_level(-3.0f) == 0);
  CHECK(u8_level(255.5f) == 255);
  CHECK(u8_level(1e30f) == 255);
  CHECK(u8_level(std::numeric_limits<float>::quiet_NaN()) == 0);
}
