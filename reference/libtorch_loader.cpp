// Opens the oracle's shared object when it is first asked for. libtorch takes a quarter of a second to load, which no
// command should wait for that does not ask torch anything.
#include <dlfcn.h>

#include "kir/error.hpp"
#include "reference/libtorch_backend.hpp"
#include "reference/libtorch_module.hpp"

namespace kir {
namespace {

const oracle::Module& open_module() {
  void* library = dlopen(KIR_LIBTORCH_MODULE, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error(ErrorCode::io, "libtorch", dlerror());
  const auto entry = reinterpret_cast<decltype(&kir_libtorch_module)>(dlsym(library, "kir_libtorch_module"));
  if (entry == nullptr) throw Error(ErrorCode::io, "libtorch", dlerror());
  return *entry();
}

const oracle::Module& module() {
  static const oracle::Module& opened = open_module();
  return opened;
}

}  // namespace

std::unique_ptr<Backend> make_libtorch_backend() {
  return module().make_backend();
}

std::unique_ptr<Backend> make_libtorch_cuda_backend() {
  return module().make_cuda_backend();
}

void set_libtorch_threads(int threads) {
  module().set_threads(threads);
}

std::string libtorch_build() {
  return module().build();
}

}  // namespace kir
