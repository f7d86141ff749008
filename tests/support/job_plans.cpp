#include "tests/support/job_plans.hpp"

namespace kir::test {

Epilogue affine() {
  Step sub, div;
  sub.op = Step::Op::sub;
  div.op = Step::Op::div;
  for (int c = 0; c < 4; ++c) {
    sub.c[c] = 100.5f + static_cast<float>(c);
    div.c[c] = 50.25f + static_cast<float>(c);
  }
  return {{sub, div}};
}

Epilogue identity() {
  return {};
}

Plan one_job_plan(ImageSize size, const Axis& y, const Axis& x, const Epilogue& epilogue) {
  Plan plan;
  plan.images = {size};
  plan.epilogues = {epilogue};
  plan.outputs.push_back({"pixel_values", Type::f32, {size.channels, y.count, x.count}, {}, {}});
  Job job;
  job.y = y;
  job.x = x;
  job.channels = size.channels;
  job.to.layout = chw_layout(0, y.count, x.count);
  plan.levels.push_back({{job}, {}});
  return plan;
}

}  // namespace kir::test
