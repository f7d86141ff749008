// What a command line cannot do: to change a file between the two readings of it.
#include <cstdio>
#include <filesystem>
#include <string>

#include "apps/image_file.hpp"
#include "kir/error.hpp"
#include "tests/catch.hpp"

using namespace kir;
using namespace kir::apps;

TEST_CASE("an image file that changes after its size was read is refused by name", "[image_file]") {
  const std::string path = (std::filesystem::temp_directory_path() / "kir_apps_tests_changed.npy").string();
  const auto write = [&](const std::string& shape, std::size_t bytes) {
    const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }\n";
    std::string file = std::string("\x93NUMPY\x01") + '\0' + static_cast<char>(header.size()) + '\0' + header;
    file.append(bytes, 'x');
    std::FILE* stream = std::fopen(path.c_str(), "wb");
    REQUIRE(stream != nullptr);
    REQUIRE(std::fwrite(file.data(), 1, file.size(), stream) == file.size());
    REQUIRE(std::fclose(stream) == 0);
  };
  write("(4, 5, 3)", 60);
  const ImageFile file(path);
  CHECK(file.size() == ImageSize{3, 4, 5});
  CHECK(file.decode().size == file.size());
  write("(5, 4, 3)", 60);
  try {
    file.decode();
    FAIL("was not refused");
  } catch (const Error& error) {
    CHECK(error.argument == path);
    CHECK(error.message.find("has changed") != std::string::npos);
  }
  std::filesystem::remove(path);
}
