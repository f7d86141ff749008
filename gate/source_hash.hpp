// The stamp of recorded evidence: the hash of the bytes (describe/plan_hash.hpp) of every source file it depends on.
#pragma once

#include <string>
#include <vector>

namespace kir::gate {

/// The regular files under each of `roots`, relative to `source_dir`, with '/' and sorted. A root is a file, a folder,
/// or "FOLDER/*": the files of a folder without those of the folders in it.
/// Documents (*.md) under a folder are left out: what they say changes no measurement. So is __pycache__, where the
/// interpreter keeps what it compiled.
/// Throws Error{io} for a root that does not exist.
std::vector<std::string> source_files(const std::string& source_dir, const std::vector<std::string>& roots);

/// `files`, and the project's own headers that they include, and what those include: #include "X", where X is beside
/// the file, in include/ or in the source folder.
std::vector<std::string> with_included(const std::string& source_dir, std::vector<std::string> files);

/// 16 hex digits: the hash of one file's bytes. Throws Error{io} for a file that cannot be read.
std::string file_hash(const std::string& source_dir, const std::string& file);

}  // namespace kir::gate
