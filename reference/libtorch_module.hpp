// What the shared object of the oracle gives to the program that opens it: see libtorch_loader.cpp.
#pragma once

#include <memory>
#include <string>

#include "kir/backend.hpp"

namespace kir::oracle {

struct Module {
  std::unique_ptr<Backend> (*make_backend)();
  std::unique_ptr<Backend> (*make_cuda_backend)();
  void (*set_threads)(int threads);
  std::string (*build)();
};

}  // namespace kir::oracle

/// The one symbol of the shared object. The table lives as long as the program.
extern "C" const kir::oracle::Module* kir_libtorch_module();
