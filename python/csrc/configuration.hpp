// The ops that read a processor's configuration. Each gives the words of a JSON object: class_name; named, what names
// it in the file; named_by, the key of that; nested, whether the values stand under image_processor; values;
// unsupported, why this version does not build it, or "".
#pragma once

#include <cstdint>
#include <vector>

#include "text.hpp"

namespace kir::python {

/// The configuration of a text, which messages call "config".
std::vector<std::int64_t> read_configuration(const Text& text);

/// The configuration of a file, or of a model's folder.
std::vector<std::int64_t> load_configuration(const Text& path);

}  // namespace kir::python
