// To which tiles a class cuts an image: a row {name, how it reads its keys}. The arithmetic is in plan/grid_rules.hpp,
// with its sources.
#pragma once

#include <functional>

#include "configuration/keys.hpp"
#include "plan/grid_rules.hpp"

namespace kir {

/// The tiles of an image of this size, with a configuration's values in it.
using GridOf = std::function<Grid(Extent)>;

struct GridRule {
  const char* name;
  GridOf (*bind)(Keys& keys);
};

extern const GridRule closest;  ///< of min_patches..max_patches tiles of `size` the closest aspect
extern const GridRule cohere;   ///< of at most max_patches tiles of `size` the one to enlarge the least for
extern const GridRule ovis2;    ///< the fewest of at most max_patches tiles of `size` that show enough; or closest
extern const GridRule llama4;   ///< a canvas of at most max_patches squares of `size`
extern const GridRule mllama;   ///< a canvas of at most max_image_tiles squares of `size`
extern const GridRule perception_lm;  ///< a canvas of at most max_num_tiles squares of tile_size; one without thumbnail
extern const GridRule idefics3_grid;  ///< max_image_size.longest_edge; one tile without do_image_splitting

/// models/perception_lm: PerceptionLMImageProcessor._preprocess
bool has_thumbnail(const Keys& keys);
/// The most tiles of an image of Mllama.
std::int64_t max_image_tiles(const Keys& keys);

}  // namespace kir
