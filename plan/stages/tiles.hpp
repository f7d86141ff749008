// Tiles and samples of tiles (Idefics3). models/idefics3: Idefics3ImageProcessor._preprocess
#pragma once

#include "plan/stage.hpp"

namespace kir {

/// tiles(thumbnail last): max_image_size: cuts each picture, whose sides are multiples of the tile, to tiles row by
/// row; behind them the whole of it, resized to one tile, unless it is one tile.
Stage tiles();

/// samples: do_pad. A sample is a list of images and gives the tiles of all: pixel_values is (samples, tiles of the
/// longest, C, tile, tile). With do_pad zeros stand behind a shorter one, where pixel_attention_mask is 0; without, all
/// samples must have as many. A flat list of images is one sample.
Stage samples();

/// rows, cols: return_row_col_info: the numbers of tiles an image, 0 where it is one tile.
Stage tile_counts();

}  // namespace kir
