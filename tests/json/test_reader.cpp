// The one reader of JSON: each error names the place, the value and what is allowed.
#include "json/reader.hpp"

#include "tests/catch.hpp"
#include "tests/support/errors.hpp"

namespace kir::test {
namespace {

/// "WHERE: message" of the Error that `call` throws.
template <class Call>
std::string said_by(const Call& call) {
  return error_of(call).what();
}

}  // namespace

TEST_CASE("a text is JSON and an object, or the source is named", "[json]") {
  CHECK(parse_json("[1]", "a.json").size() == 1);
  CHECK(said_by([] { parse_json("{\"a\": ", "a.json"); }).rfind("a.json: malformed JSON: parse error at line 1", 0) ==
        0);
  CHECK(said_by([] { parse_json("", "a.json"); }).rfind("a.json: malformed JSON: parse error", 0) == 0);
  CHECK(said_by([] { parse_json("{\"a\": NaN}", "a.json"); }).rfind("a.json: malformed JSON", 0) == 0);
  CHECK(said_by([] { parse_json("{\"a\": 1e999}", "a.json"); }).rfind("a.json: malformed JSON", 0) == 0);
  CHECK(said_by([] { parse_json("\"\xff\"", "a.json"); }).rfind("a.json: malformed JSON", 0) == 0);
  CHECK(said_by([] { parse_json_object("[1]", "a.json"); }) == "a.json: is not a JSON object");
  CHECK(said_by([] { read_json_object("no/such.json"); }) == "no/such.json: cannot be read");
  CHECK(said_by([] { read_json_object("configs"); }) == "configs: cannot be read");
}

TEST_CASE("a value knows its place", "[json]") {
  const nlohmann::json document = parse_json_object(R"({"rows": [{}, {"name": {"first": 7}}]})", "a.json");
  JsonObject root(document, "a.json");
  JsonObject row = root.objects("rows").at(1);
  JsonObject name = row.object("name");
  CHECK(name.at("first").where() == "a.json: rows[1].name.first");
  CHECK(name.where() == "a.json: rows[1].name");
  CHECK(root.where() == "a.json");
  CHECK(said_by([&] { name.at("last"); }) == "a.json: rows[1].name.last: missing");
  CHECK(said_by([&] { root.at("last"); }) == "a.json: last: missing");
  CHECK(JsonObject(document, "", "request").at("rows").where() == "request.rows");
  CHECK(JsonObject(document, "a.json", "gate").at("rows").where() == "a.json: gate.rows");
  CHECK(said_by([&] { name.at("first").refuse("no"); }) == "a.json: rows[1].name.first: no");
}

TEST_CASE("values of another type or out of range are refused with the value and what is allowed", "[json]") {
  const nlohmann::json document = parse_json_object(
      R"({"text": "t", "empty": "", "true": true, "whole": 3, "half": 0.5, "float": 3.0, "minus": -1, "null": null,
          "huge": 18446744073709551615, "list": [1, 2], "none": [], "object": {}})",
      "f");
  JsonObject root(document, "f");
  const auto at = [&](const char* key) { return root.at(key); };
  CHECK(at("text").text() == "t");
  CHECK(said_by([&] { at("empty").text(); }) == "f: empty: must be a text that is not empty, not \"\"");
  CHECK(said_by([&] { at("whole").text(); }) == "f: whole: must be a text that is not empty, not 3");
  CHECK(at("text").one_of({"s", "t"}) == "t");
  CHECK(said_by([&] { at("text").one_of({"s", "u"}); }) == "f: text: must be one of \"s\", \"u\", not \"t\"");
  CHECK(said_by([&] { at("null").one_of({"s"}); }) == "f: null: must be one of \"s\", not null");
  CHECK(at("true").boolean());
  CHECK(said_by([&] { at("whole").boolean(); }) == "f: whole: must be true or false, not 3");
  CHECK(at("half").number(0, 1) == 0.5);
  CHECK(at("whole").number() == 3);
  CHECK(said_by([&] { at("true").number(); }) == "f: true: must be a finite number, not true");
  CHECK(said_by([&] { at("minus").number(0); }) == "f: minus: must be a finite number >= 0.0, not -1");
  CHECK(said_by([&] { at("whole").number(0, 1); }) == "f: whole: must be a finite number >= 0.0 and <= 1.0, not 3");
  CHECK(at("whole").integer(3, 3) == 3);
  CHECK(at("minus").integer(-1) == -1);
  CHECK(said_by([&] { at("float").integer(0); }) == "f: float: must be a whole number >= 0, not 3.0");
  CHECK(said_by([&] { at("whole").integer(4); }) == "f: whole: must be a whole number >= 4, not 3");
  CHECK(said_by([&] { at("whole").integer(0, 2); }) == "f: whole: must be a whole number from 0 to 2, not 3");
  CHECK(said_by([&] { at("huge").integer(0); }) == "f: huge: must be a whole number >= 0, not 18446744073709551615");
  CHECK(at("list").list(2).at(1).where() == "f: list[1]");
  CHECK(at("none").list().empty());
  CHECK(said_by([&] { at("none").list(1); }) == "f: none: must be a list that is not empty, not []");
  CHECK(said_by([&] { at("list").list(3); }) == "f: list: must be a list of at least 3, not [1,2]");
  CHECK(said_by([&] { at("object").list(0, "a list of texts"); }) == "f: object: must be a list of texts, not {}");
  CHECK(said_by([&] { root.object("list"); }) == "f: list: must be an object, not [1,2]");
  CHECK(said_by([&] { root.objects("list"); }) == "f: list[0]: must be an object, not 1");
}

TEST_CASE("a key that nobody asked for is unknown, and a null is there", "[json]") {
  const nlohmann::json document = parse_json_object(R"({"known": 1, "null": null, "other": 2})", "f");
  JsonObject root(document, "f");
  CHECK(root.at("known").integer(0) == 1);
  CHECK(root.find("null")->is_null());
  CHECK(!root.find("absent"));
  CHECK(said_by([&] { root.no_other_keys(); }) == "f: other: unknown key");
  CHECK(root.find("other"));
  CHECK_NOTHROW(root.no_other_keys());
}

}  // namespace kir::test
