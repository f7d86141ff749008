#include "gate/settings.hpp"

#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "json/reader.hpp"
#include "kir/error.hpp"

namespace kir::gate {
namespace {

/// {"at_most" or "at_least": number, "unit": text, "reason": text}; `of_planned`: the number is "planned".
Bound parse_bound(JsonObject object, bool of_planned = false) {
  Bound bound;
  if (object.has("at_most") == object.has("at_least")) object.refuse("needs either at_most or at_least");
  bound.side = object.has("at_most") ? Bound::Side::at_most : Bound::Side::at_least;
  const JsonValue value = object.at(object.has("at_most") ? "at_most" : "at_least");
  bound.is_planned = of_planned;
  if (of_planned && (object.has("at_most") || value.raw() != "planned")) value.refuse_unless("at_least \"planned\"");
  bound.value = of_planned ? std::numeric_limits<double>::quiet_NaN() : value.number();
  bound.unit = object.at("unit").text();
  bound.reason = object.at("reason").text();
  object.no_other_keys();
  return bound;
}

ParityBound parse_parity(JsonObject& row) {
  ParityBound bound{row.at("backend").text(),
                    row.at("oracle").text(),
                    row.at("numerics").text(),
                    row.at("of").one_of({kFailedCases, kLargestError, kConfigurationsCompared}),
                    {}};
  bound.accepted = parse_bound(row.object("accepted"), bound.of == kConfigurationsCompared);
  return bound;
}

CoverageSettings parse_coverage(JsonObject object) {
  CoverageSettings coverage{parse_bound(object.object("total")), {}};
  for (const JsonValue& one : object.at("refused").list(0, "a list of objects")) {
    JsonObject row(one);
    coverage.refused.push_back({row.at("name").text(), row.at("reason").text()});
    row.no_other_keys();
  }
  object.no_other_keys();
  return coverage;
}

SpeedBound parse_speed(JsonObject& row) {
  SpeedBound bound{row.at("suite").text(),
                   row.at("case").text(),
                   row.at("contender").text(),
                   {},
                   parse_bound(row.object("accepted"))};
  if (row.has("against")) {
    bound.against = row.at("against").text();
  } else if (bound.accepted.unit != kMicroseconds) {
    row.at("accepted").member("unit").refuse_unless("\"us\" for a time that is not against another");
  }
  return bound;
}

RecordedBound parse_recorded_parity(JsonObject& row) {
  const ParityBound bound = parse_parity(row);
  return {bound.name(), bound.accepted};
}

RecordedBound parse_recorded_speed(JsonObject& row) {
  const std::string place = row.at("suite").text() + " " + row.at("contender").text();
  return {place + ": " + row.at("value").text(), parse_bound(row.object("accepted"))};
}

RecordedBound parse_recorded_python(JsonObject& row) {
  RecordedBound bound = parse_recorded_speed(row);
  bound.command = "make record-python";
  return bound;
}

RecordedBound parse_recorded_cpu(JsonObject& row) {
  RecordedBound bound = parse_recorded_speed(row);
  bound.command = "make record-cpu";
  return bound;
}

std::vector<std::string> parse_texts(const JsonValue& value) {
  std::vector<std::string> texts;
  for (const JsonValue& one : value.list(1, "a list of texts")) texts.push_back(one.text());
  return texts;
}

EvidenceSources parse_sources(JsonObject& row) {
  EvidenceSources sources{row.at("command").text()};
  if (const std::optional<JsonValue> compiled = row.find("compiled")) sources.compiled = parse_texts(*compiled);
  if (const std::optional<JsonValue> paths = row.find("paths")) sources.paths = parse_texts(*paths);
  if (const std::optional<JsonValue> plans = row.find("plans")) sources.plans = parse_texts(*plans);
  return sources;
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

const EvidenceSources& Settings::sources_of(const std::string& command) const {
  std::vector<std::string> known;
  for (const EvidenceSources& one : recorded_sources) {
    if (one.command == command) return one;
    known.push_back(one.command);
  }
  throw Error(ErrorCode::invalid_argument, file,
              "knows no sources of evidence whose command is \"" + command + "\"; allowed: " + quoted(known));
}

Settings load_settings(const std::string& path) {
  const nlohmann::json document = read_json_object(path);
  JsonObject root(document, path, "gate");
  Settings settings;
  settings.file = path;
  settings.parity = parse_rows(root, "parity", parse_parity);
  settings.coverage = parse_coverage(root.object("coverage"));
  JsonObject speed = root.object("speed");
  settings.speed_repetitions = static_cast<int>(speed.at("repetitions").integer(2));
  settings.speed_min_time_s = speed.at("min_time_s").number();
  settings.speed = parse_rows(speed, "bounds", parse_speed);
  speed.no_other_keys();
  JsonObject recorded = root.object("recorded");
  settings.recorded_sources = parse_rows(recorded, "sources", parse_sources);
  std::set<std::string> commands;
  for (const EvidenceSources& one : settings.recorded_sources) {
    if (!commands.insert(one.command).second) recorded.at("sources").refuse("names \"" + one.command + "\" twice");
  }
  settings.recorded = parse_rows(recorded, "parity", parse_recorded_parity);
  const std::string device = recorded.at("device").text();
  for (RecordedBound& bound : parse_rows(recorded, "speed", parse_recorded_speed)) {
    if (bound.accepted.unit == kMicroseconds) bound.device = device;
    settings.recorded.push_back(std::move(bound));
  }
  for (RecordedBound& bound : parse_rows(recorded, "python", parse_recorded_python)) {
    settings.recorded.push_back(std::move(bound));
  }
  for (RecordedBound& bound : parse_rows(recorded, "cpu", parse_recorded_cpu)) {
    settings.recorded.push_back(std::move(bound));
  }
  recorded.no_other_keys();
  root.no_other_keys();
  for (const RecordedBound& bound : settings.recorded) settings.sources_of(bound.command);  // throws
  return settings;
}

}  // namespace kir::gate
