// What size pictures are padded to: a row {name, how it reads its keys}, as plan/size_rule.hpp has for resizes.
#pragma once

#include <functional>
#include <string>

#include "configuration/keys.hpp"
#include "plan/size_rule.hpp"

namespace kir {

class Draft;

/// A canvas rule with a configuration's values in it: of_each or of_batch.
struct Canvas {
  std::string text;                                   ///< what a picture is padded to, for people
  SizeOf of_each = {};                                ///< of the size of each picture
  std::function<Extent(const Draft&)> of_batch = {};  ///< one for all pictures; {0, 0}: none is padded
};

struct CanvasRule {
  const char* name;
  Canvas (*bind)(Keys& keys);  ///< no function in what it gives: nothing is padded
};

namespace canvases {

extern const CanvasRule batch;      ///< pad_size, else the largest of the batch
extern const CanvasRule batch_max;  ///< the largest of the batch
extern const CanvasRule frames;     ///< pad_size, else each picture's own (Tvp, of frames of one size)
extern const CanvasRule square;     ///< the longer edge, squared
extern const CanvasRule multiple;   ///< multiples of size_divisor
extern const CanvasRule divided;    ///< multiples of size_divisor where it has a value
extern const CanvasRule text_line;  ///< pad_size while the text lines are narrower (PPOCRV5ServerRec)
extern const CanvasRule resized;    ///< the largest of the batch as it was resized (Pixtral)

}  // namespace canvases

}  // namespace kir
