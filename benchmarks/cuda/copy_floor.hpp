// The time below which no kernel can resize: reading the bytes of the source once and writing the bytes of the result
// once.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace kir::benchmarks {

/// Streams `read_bytes` of `source` and `write_bytes` of `target`, each byte once, nothing kept in cache on purpose.
/// The first min(read_bytes, write_bytes) bytes of the target are those of the source, the rest become zero.
/// *checksum is XORed with all bytes read, as little-endian 32-bit words counted from `source`: the proof that nothing
/// was left out. All three pointers are device memory; `source` and `target` are 16-byte aligned and do not overlap;
/// sizes may be any, 0 too. One launch on `stream`, no synchronisation, no allocation; capturable. Returns
/// cudaErrorMisalignedAddress or cudaErrorInvalidValue for pointers that are misaligned or null where there is
/// something to read or write, before anything is launched.
cudaError_t copy_floor(const std::uint8_t* source, std::size_t read_bytes, std::uint8_t* target,
                       std::size_t write_bytes, std::uint32_t* checksum, cudaStream_t stream);

}  // namespace kir::benchmarks
