#include "plan/stages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kir {

namespace {

std::string text_of(const std::vector<Stage>& stages) {
  std::string text;
  for (const Stage& stage : stages) text += (text.empty() ? "" : " ") + stage.name;
  return text;
}

std::string text_of(const Branch& branch) {
  std::string text;
  if (branch.on) text += "?" + branch.on->name + " ";
  if (branch.when.holds != nullptr) text += std::string("?") + branch.when.name + " ";
  return text + text_of(branch.stages);
}

bool gathers(const std::vector<Stage>& stages) {
  return std::any_of(stages.begin(), stages.end(), [](const Stage& stage) { return stage.gathers; });
}

/// The stages, with their keys read.
Operation read(const std::vector<Stage>& stages, Keys& keys) {
  std::vector<Operation> operations;
  for (const Stage& stage : stages) operations.push_back(stage.read(keys));
  return sequence(std::move(operations));
}

/// A list of a fork whose switch is on.
struct Path {
  Operation operation;  ///< off: a list of no stage that is on passes the pictures
  Condition when;
};

void follow(const std::vector<Path>& paths, Draft& draft) {
  for (Picture& picture : draft.pictures) draft.share(picture);
  const std::vector<Picture> from = std::move(draft.pictures);
  std::vector<Picture> made, joined;
  for (const Path& path : paths) {
    draft.pictures.clear();
    draft.pictures.reserve(from.size());
    std::copy_if(from.begin(), from.end(), std::back_inserter(draft.pictures),
                 [&](const Picture& picture) { return path.when.holds == nullptr || path.when.holds(draft, picture); });
    if (path.operation.extend != nullptr) run({&path.operation, 1}, draft);
    joined.clear();
    joined.reserve(made.size() + draft.pictures.size());
    std::merge(made.begin(), made.end(), draft.pictures.begin(), draft.pictures.end(), std::back_inserter(joined),
               [](const Picture& a, const Picture& b) { return a.image < b.image; });
    std::swap(made, joined);
  }
  draft.pictures = std::move(made);
}

}  // namespace

const Condition many_tiles = {
    "many", [](const Draft& draft, const Picture& picture) { return draft.grid_of(picture).tiles() > 1; }};

Switch key(const char* name) {
  return {name, [name](Keys& keys) { return keys.boolean(name); }};
}

Stage where(Switch on, std::vector<Stage> stages) {
  std::string name = "?" + on.name + "[" + text_of(stages) + "]";
  const bool any = gathers(stages);
  const auto read_where_on = [on = std::move(on), stages = std::move(stages)](Keys& keys) {
    return on.is_on(keys) ? read(stages, keys) : Operation{};
  };
  return {std::move(name), read_where_on, any};
}

Branch only(Condition when, Branch branch) {
  branch.when = when;
  return branch;
}

Branch only(Switch on, Branch branch) {
  branch.on = std::move(on);
  return branch;
}

Stage fork(std::vector<Branch> branches) {
  std::string name = "fork(";
  for (const Branch& branch : branches) name += (&branch == branches.data() ? "" : " | ") + text_of(branch);
  const auto read_lists = [branches = std::move(branches)](Keys& keys) -> Operation {
    std::vector<Path> paths;
    Operation all = {.text = "fork"};
    for (const Branch& branch : branches) {
      if (branch.on && !branch.on->is_on(keys)) continue;
      paths.push_back({read(branch.stages, keys), branch.when});
      const Operation& list = paths.back().operation;
      all.text += (paths.size() == 1 ? ": " : " | ") + list.text;
      if (list.channels > 1) all.channels = list.channels;
      all.resizes = all.resizes || list.resizes;
      all.floats = all.floats || list.floats;
      all.measures = all.measures || list.measures;
    }
    all.extend = [paths = std::move(paths)](Draft& draft) { follow(paths, draft); };
    return all;
  };
  return {name + ")", read_lists};
}

}  // namespace kir
