// The ops of the package, in a namespace that carries a hash of this build: two copies of the package may be loaded in
// one process, and torch aborts when one namespace is registered twice.
#include <torch/csrc/stable/library.h>

#include "build_namespace.hpp"
#include "configuration.hpp"
#include "patchify.hpp"
#include "preprocess.hpp"
#include "resize_normalize.hpp"

// The macros of torch paste and quote their argument, so it has to be expanded before.
#define KIR_LIBRARY(ns, m) STABLE_TORCH_LIBRARY(ns, m)
#define KIR_LIBRARY_IMPL(ns, key, m) STABLE_TORCH_LIBRARY_IMPL(ns, key, m)

KIR_LIBRARY(KIR_NAMESPACE, library) {
  library.def(
      "resize_normalize(Tensor[] images, bool stacked, str request, ScalarType? dtype, Device? device) -> Tensor");
  library.def("resize_normalize_out(Tensor[] images, bool stacked, str request, Tensor(a!) out) -> ()");
  library.def("workspace_bytes(Tensor[] images, bool stacked, str request, ScalarType? dtype, Device? device) -> int");
  library.def(
      "preprocess(Tensor[] images, bool stacked, str config, str numerics, str backend, Device? device, int[] groups, "
      "ScalarType? dtype, str layout, str input_layout) -> (Tensor[] tensors, int[] keys, int[] image)");
  library.def(
      "planned_outputs(int[] image_sizes, str config, str numerics, int[] groups, ScalarType? dtype, str layout) -> "
      "int[]");
  library.def(
      "patchify(Tensor[] frames, bool stacked, int[] target_sizes, int[] items, int[] item_lengths, float[] "
      "image_mean, "
      "float[] image_std, float rescale_factor, str resample, int patch, int merge, int temporal, str numerics, "
      "str backend, Device? device) -> (Tensor pixel_values, Tensor grid_thw)");
  library.def("processor_info(str config) -> int[]");
  library.def("read_configuration(str text) -> int[]");
  library.def("load_configuration(str path) -> int[]");
}

// One implementation for all devices: it looks at the tensors itself, and refuses what is not dense with a sentence of
// its own.
KIR_LIBRARY_IMPL(KIR_NAMESPACE, CompositeExplicitAutograd, library) {
  library.impl("resize_normalize", TORCH_BOX(&kir::python::resize_normalize));
  library.impl("resize_normalize_out", TORCH_BOX(&kir::python::resize_normalize_out));
  library.impl("workspace_bytes", TORCH_BOX(&kir::python::workspace_bytes));
  library.impl("preprocess", TORCH_BOX(&kir::python::preprocess));
  library.impl("planned_outputs", TORCH_BOX(&kir::python::planned_outputs));
  library.impl("patchify", TORCH_BOX(&kir::python::patchify));
  library.impl("processor_info", TORCH_BOX(&kir::python::processor_info));
  library.impl("read_configuration", TORCH_BOX(&kir::python::read_configuration));
  library.impl("load_configuration", TORCH_BOX(&kir::python::load_configuration));
}
