// Walks a plan as a backend would, without pixels: every index in range, every window inside its axis, every offset
// inside its target, every element written exactly once.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "kir/error.hpp"
#include "kir/plan.hpp"

namespace kir {

namespace {

constexpr std::size_t kMaxLevels = 3;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "plan", where + ": " + what);
}

void require(bool holds, const std::string& where, const char* what) {
  if (!holds) refuse(where, what);
}

bool in_range(std::int64_t index, std::size_t size) {
  return index >= 0 && index < static_cast<std::int64_t>(size);
}

/// Which elements of one output or canvas have been written.
struct Coverage {
  std::string name;
  std::vector<bool> written;
  std::int64_t count = 0;

  void resize(std::int64_t elements) { written.assign(static_cast<std::size_t>(elements), false); }

  void write(std::int64_t offset, const std::string& where) {
    if (!in_range(offset, written.size())) {
      refuse(where, "writes element " + std::to_string(offset) + " of " + name + ", which has " +
                        std::to_string(written.size()));
    }
    if (written[static_cast<std::size_t>(offset)]) {
      refuse(where, "writes element " + std::to_string(offset) + " of " + name + " a second time");
    }
    written[static_cast<std::size_t>(offset)] = true;
    ++count;
  }

  void require_whole() const {
    if (count == static_cast<std::int64_t>(written.size())) return;
    std::size_t missing = 0;
    while (written[missing]) ++missing;
    refuse(name, std::to_string(static_cast<std::int64_t>(written.size()) - count) + " of " +
                     std::to_string(written.size()) + " elements are not written, the first is " +
                     std::to_string(missing));
  }
};

class Validator {
 public:
  explicit Validator(const Plan& plan) : plan_(plan), outputs_(plan.outputs.size()), canvases_(plan.canvases.size()) {
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      const Output& output = plan.outputs[i];
      outputs_[i].name = "outputs[" + std::to_string(i) + "] (" + output.key + ")";
      for (const std::int64_t side : output.shape) require(side >= 0, outputs_[i].name, "a negative side");
      require(output.values.empty() || static_cast<std::int64_t>(output.values.size()) == output.elements(),
              outputs_[i].name, "the values do not have the shape");
      if (output.values.empty()) outputs_[i].resize(output.elements());
      require(output.of.index >= 0, outputs_[i].name, "belongs to a negative index");
      require(output.of.kind != Share::Kind::batch || output.of.index == 0, outputs_[i].name,
              "belongs to the batch, and has an index");
      require(output.of.kind != Share::Kind::image || in_range(output.of.index, plan.images.size()), outputs_[i].name,
              "belongs to an image that is not there");
    }
    for (std::size_t i = 0; i < plan.canvases.size(); ++i) {
      const Buffer& canvas = plan.canvases[i];
      canvases_[i].name = "canvases[" + std::to_string(i) + "]";
      require(canvas.type == Type::u8 || canvas.type == Type::f32, canvases_[i].name,
              "the type is neither uint8 nor float32");
      require(canvas.channels >= 1 && canvas.channels <= 4 && canvas.height >= 1 && canvas.width >= 1,
              canvases_[i].name, "no channels, rows or columns, or more than 4 channels");
      canvases_[i].resize(std::int64_t{canvas.channels} * canvas.height * canvas.width);
    }
    for (std::size_t i = 0; i < plan.images.size(); ++i) {
      const ImageSize& image = plan.images[i];
      require(image.channels >= 1 && image.channels <= 4 && image.height >= 1 && image.width >= 1,
              "images[" + std::to_string(i) + "]", "no channels, rows or columns, or more than 4 channels");
    }
  }

  void run() {
    require(plan_.levels.size() <= kMaxLevels, "levels", "more than 3");
    for (std::size_t level = 0; level < plan_.levels.size(); ++level) {
      const std::string where = "levels[" + std::to_string(level) + "]";
      // Canvases are read as the levels before this one left them.
      for (std::size_t i = 0; i < plan_.levels[level].jobs.size(); ++i) {
        require_source(plan_.levels[level].jobs[i], where + ".jobs[" + std::to_string(i) + "]");
      }
      for (std::size_t i = 0; i < plan_.levels[level].jobs.size(); ++i) {
        walk(plan_.levels[level].jobs[i], where + ".jobs[" + std::to_string(i) + "]");
      }
      for (std::size_t i = 0; i < plan_.levels[level].fills.size(); ++i) {
        walk(plan_.levels[level].fills[i], where + ".fills[" + std::to_string(i) + "]");
      }
    }
    for (const Coverage& output : outputs_) output.require_whole();
    for (const Coverage& canvas : canvases_) canvas.require_whole();
  }

 private:
  void require_source(const Job& job, const std::string& where) const {
    ImageSize source;
    const std::size_t index = static_cast<std::size_t>(job.from.index);
    if (job.from.kind == Source::Kind::image) {
      require(in_range(job.from.index, plan_.images.size()), where, "reads an image that is not there");
      source = plan_.images[index];
    } else {
      require(in_range(job.from.index, plan_.canvases.size()), where, "reads a canvas that is not there");
      const Buffer& canvas = plan_.canvases[index];
      source = {canvas.channels, canvas.height, canvas.width};
      require(canvases_[index].count == static_cast<std::int64_t>(canvases_[index].written.size()), where,
              "reads a canvas that earlier levels have not written");
      require(canvas.type == Type::u8 || job.round == Round::never, where, "rounds to levels what it reads as float32");
      require(canvas.type == Type::u8 || job.arithmetic == Arithmetic::float32, where,
              "reads float32 in another arithmetic than float32");
    }
    require(job.from.turn >= 0 && job.from.turn <= 3, where, "turns its source by no 0..3 quarters");
    if (job.from.turn % 2 != 0) std::swap(source.height, source.width);
    require(job.y.in == source.height && job.x.in == source.width, where, "the axes are not those of the source");
    require(job.channels == source.channels || (source.channels == 1 && job.channels >= 1 && job.channels <= 4), where,
            "the channels are not those of the source");
    require_axis(job.y, resamples_y(job.passes), where + ".y");
    require_axis(job.x, resamples_x(job.passes), where + ".x");
    require(in_range(job.epilogue, plan_.epilogues.size()), where, "has an epilogue that is not there");
    require(job.at_y >= 0 && job.at_x >= 0, where, "stands at a negative row or column");
  }

  static void require_axis(const Axis& axis, bool resampled, const std::string& where) {
    require(axis.in >= 1 && axis.out >= 1, where, "has no pixels");
    require(axis.first >= 0 && axis.count >= 1 && axis.first <= axis.out - axis.count, where,
            "the window is not inside the axis");
    require(axis.box_begin < axis.box_end && axis.box_begin >= -kMaxEdge && axis.box_end <= 2.0 * kMaxEdge, where,
            "the box is empty or too far away");
    require((resampled && goes_on_beyond(axis.border)) || (axis.box_begin >= 0 && axis.box_end <= axis.in), where,
            "the box is not inside the source");
    require(resampled || axis.out == axis.box_end - axis.box_begin, where, "is copied, but its sizes differ");
    require(resampled || axis.box_begin == std::floor(axis.box_begin), where, "is copied from a part of a pixel");
  }

  Coverage& target(const Target& to, const std::string& where) {
    const bool output = to.kind == Target::Kind::output;
    require(in_range(to.index, output ? outputs_.size() : canvases_.size()), where,
            "writes a target that is not there");
    require(!output || plan_.outputs[static_cast<std::size_t>(to.index)].values.empty(), where,
            "writes an output that has values");
    require(to.layout.copies >= 1 && to.layout.y.unit >= 1 && to.layout.y.group >= 1 && to.layout.x.unit >= 1 &&
                to.layout.x.group >= 1,
            where, "the layout has no copies, unit or group");
    return output ? outputs_[static_cast<std::size_t>(to.index)] : canvases_[static_cast<std::size_t>(to.index)];
  }

  void walk(const Job& job, const std::string& where) {
    write(job.to, job.channels, job.at_y, job.at_y + job.y.count, job.at_x, job.at_x + job.x.count, where);
  }

  void walk(const Fill& fill, const std::string& where) {
    require(fill.channels >= 1 && fill.channels <= 4, where, "has no channels or more than 4");
    require(fill.y0 >= 0 && fill.x0 >= 0 && fill.y0 < fill.y1 && fill.x0 < fill.x1, where, "is empty or negative");
    write(fill.to, fill.channels, fill.y0, fill.y1, fill.x0, fill.x1, where);
  }

  void write(const Target& to, std::int64_t channels, std::int64_t y0, std::int64_t y1, std::int64_t x0,
             std::int64_t x1, const std::string& where) {
    Coverage& coverage = target(to, where);
    const Layout& layout = to.layout;
    std::vector<std::int64_t> columns;
    for (std::int64_t x = x0; x < x1; ++x) columns.push_back(layout.x(x));
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t copy = 0; copy < layout.copies; ++copy) {
        const std::int64_t base = layout.base + c * layout.channel + copy * layout.copy;
        for (std::int64_t y = y0; y < y1; ++y) {
          const std::int64_t row = base + layout.y(y);
          for (const std::int64_t column : columns) coverage.write(row + column, where);
        }
      }
    }
  }

  const Plan& plan_;
  std::vector<Coverage> outputs_, canvases_;
};

}  // namespace

void validate(const Plan& plan) {
  Validator(plan).run();
}

}  // namespace kir
