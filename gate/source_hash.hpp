// The stamp of recorded evidence: a 64-bit FNV-1a hash of the bytes of every source file it depends on.
// FNV-1a is not cryptographic: it notices that somebody forgot to measure again, not that somebody forged a stamp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kir::gate {

/// 64-bit FNV-1a of `bytes`, continued from `hash` (http://www.isthe.com/chongo/tech/comp/fnv).
std::uint64_t fnv1a64(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325U);

/// The regular files under each of `roots` (a file stands for itself), relative to `source_dir`, with '/' and sorted.
/// Documents (*.md) under a folder are left out: what they say changes no measurement. So is __pycache__, where the
/// interpreter keeps what it compiled.
/// Throws Error{io} for a root that does not exist.
std::vector<std::string> source_files(const std::string& source_dir, const std::vector<std::string>& roots);

/// 16 hex digits: the hash of one file's bytes. Throws Error{io} for a file that cannot be read.
std::string file_hash(const std::string& source_dir, const std::string& file);

}  // namespace kir::gate
