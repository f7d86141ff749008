#include "gate/settings.hpp"

#include "gate/json_object.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace {

/// {"at_most" or "at_least": number, "unit": text, "reason": text}
Bound parse_bound(JsonObject object) {
  Bound bound;
  if (object.has("at_most") == object.has("at_least"))
    throw Error(ErrorCode::invalid_argument, object.where(), "needs either at_most or at_least");
  bound.side = object.has("at_most") ? Bound::Side::at_most : Bound::Side::at_least;
  bound.value = object.finite_number(object.has("at_most") ? "at_most" : "at_least");
  bound.unit = object.text("unit");
  bound.reason = object.text("reason");
  object.no_other_keys();
  return bound;
}

ParityBound parse_parity(JsonObject& row) {
  return {row.text("backend"), row.text("oracle"), row.text("numerics"), parse_bound(row.object("accepted"))};
}

CoverageBound parse_coverage(JsonObject& row) {
  return {row.text("of"), parse_bound(row.object("accepted"))};
}

SpeedBound parse_speed(JsonObject& row) {
  SpeedBound bound;
  bound.name = row.text("name");
  bound.suite = row.text("suite");
  bound.row = row.text("row");
  if (row.has("contender")) bound.contender = row.text("contender");
  bound.repetitions = static_cast<int>(row.integer("repetitions", 1));
  bound.min_time_s = row.finite_number("min_time_s");
  bound.accepted = parse_bound(row.object("accepted"));
  return bound;
}

RecordedBound parse_recorded(JsonObject& row) {
  return {row.text("measurement"), parse_bound(row.object("accepted"))};
}

/// The rows of a list, each parsed by `parse` and left with no key unread.
template <class Row>
std::vector<Row> parse_rows(JsonObject& object, const std::string& key, Row (*parse)(JsonObject&)) {
  std::vector<Row> rows;
  for (JsonObject& row : object.objects(key)) {
    rows.push_back(parse(row));
    row.no_other_keys();
  }
  return rows;
}

}  // namespace

Settings load_settings(const std::string& path) {
  const nlohmann::json document = read_json_file(path);
  JsonObject root(document, path + ": gate");
  Settings settings;
  settings.file = path;
  settings.parity = parse_rows(root, "parity", parse_parity);
  settings.coverage = parse_rows(root, "coverage", parse_coverage);
  settings.speed = parse_rows(root, "speed", parse_speed);
  JsonObject recorded = root.object("recorded");
  settings.recorded_sources = recorded.texts("sources");
  settings.recorded = parse_rows(recorded, "bounds", parse_recorded);
  recorded.no_other_keys();
  root.no_other_keys();
  return settings;
}

}  // namespace kir::gate
