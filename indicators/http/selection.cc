#include "indicators/http/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/limits.h"

namespace kpr::http {
namespace {

std::optional<int> WholeNumber(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

class Chooser {
 public:
  Chooser(const CubeDimension& dimension, Problem* problem)
      : dimension_(dimension), problem_(problem), chosen_(dimension.categories.size(), false) {}

  bool Apply(const Filter& filter) {
    if (filter.values.empty()) return Fault("no values are given");
    matched_ = false;
    if (!ApplyValues(filter)) return false;
    // Of several patterns some may match nothing: a series need not have all areas that another has.
    return matched_ || Fault(fmt::format("no code is like '{}'", fmt::join(filter.values, "', '")));
  }
  std::vector<int> Take() const {
    std::vector<int> places;
    for (size_t i = 0; i < chosen_.size(); ++i) {
      if (chosen_[i]) places.push_back(static_cast<int>(i));
    }
    return places;
  }

 private:
  bool ApplyValues(const Filter& filter) {
    switch (filter.kind) {
      case Filter::Kind::kItem:
        return std::all_of(filter.values.begin(), filter.values.end(),
                           [&](const std::string& code) { return Code(code); });
      case Filter::Kind::kTop:
        if (filter.values.size() != 1 || !WholeNumber(filter.values[0]))
          return Fault("filter 'top' takes one whole number from 1");
        return First(*WholeNumber(filter.values[0]), false);
      case Filter::Kind::kAll:
        return std::all_of(filter.values.begin(), filter.values.end(),
                           [&](const std::string& pattern) { return Pattern(pattern); });
      case Filter::Kind::kExpressions:
        return std::all_of(filter.values.begin(), filter.values.end(),
                           [&](const std::string& expression) { return Expression(expression); });
    }
    return Fault("unknown filter");
  }
  int count() const { return static_cast<int>(chosen_.size()); }
  bool Fault(const std::string& what) {
    problem_->status = 400;
    problem_->dimension = dimension_.code;
    problem_->detail = fmt::format("dimension {}: {}", dimension_.code, what);
    for (const Category& category : dimension_.categories) problem_->allowed.push_back(category.code);
    return false;
  }
  bool Code(const std::string& code) {
    const int place = dimension_.Find(code);
    if (place < 0) return Fault(fmt::format("'{}' is none of its codes", code));
    chosen_[static_cast<size_t>(place)] = matched_ = true;
    return true;
  }
  bool Pattern(const std::string& pattern) {
    for (size_t i = 0; i < chosen_.size(); ++i) {
      if (Matches(pattern, dimension_.categories[i].code)) chosen_[i] = matched_ = true;
    }
    return true;
  }
  bool First(int n, bool from_end) {
    matched_ = true;
    for (int i = 0; i < std::min(n, count()); ++i)
      chosen_[static_cast<size_t>(from_end ? count() - 1 - i : i)] = true;
    return true;
  }
  bool Range(int from, int to) {
    if (from > to) return Fault("the range ends before it begins");
    std::fill(chosen_.begin() + from, chosen_.begin() + to + 1, true);
    return matched_ = true;
  }
  // "name(argument)" or a code or a pattern.
  bool Expression(const std::string& text) {
    const size_t open = text.find('(');
    if (open == std::string::npos || !text.ends_with(')'))
      return text.find_first_of("*?") == std::string::npos ? Code(text) : Pattern(text);
    const std::string name = LowerCase(text.substr(0, open));
    const std::string argument = text.substr(open + 1, text.size() - open - 2);
    if (name == "top" || name == "bottom") {
      const auto n = WholeNumber(argument);
      if (!n) return Fault(fmt::format("{}() takes a whole number from 1", name));
      // The newest periods are the top.
      return First(*n, (name == "bottom") != (dimension_.role == CubeDimension::Role::kTime));
    }
    const size_t comma = argument.find(',');
    const std::string first = argument.substr(0, comma);
    const int from = dimension_.Find(first);
    if (name == "from" || name == "to" || name == "range") {
      if (from < 0) return Fault(fmt::format("'{}' is none of its codes", first));
    }
    if (name == "from") return Range(from, count() - 1);
    if (name == "to") return Range(0, from);
    if (name == "range") {
      const std::string second = comma == std::string::npos ? "" : argument.substr(comma + 1);
      const int to = dimension_.Find(second);
      return to < 0 ? Fault(fmt::format("'{}' is none of its codes", second)) : Range(from, to);
    }
    return Fault(fmt::format(
        "'{}' is no expression; they are *, ?, top(n), bottom(n), from(x), to(x), range(a,b)", text));
  }

  const CubeDimension& dimension_;
  Problem* problem_;
  std::vector<bool> chosen_;
  bool matched_ = false;  // by the filter
};

// What is shown of a dimension that nothing was asked of.
std::vector<int> Default(const CubeDimension& dimension) {
  if (dimension.role == CubeDimension::Role::kTime)
    return {static_cast<int>(dimension.categories.size()) - 1};
  std::vector<int> places{0};
  if (dimension.role != CubeDimension::Role::kMetric) return places;
  for (size_t i = 1; i < dimension.categories.size(); ++i) places.push_back(static_cast<int>(i));
  return places;
}

}  // namespace

std::vector<std::string> SplitExpressions(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool Select(const Cube& cube, const std::vector<Filter>& filters, bool every, Selection* selection,
            Problem* problem) {
  for (const Filter& filter : filters) {
    const auto& all = cube.dimensions();
    const auto same = [&](const CubeDimension& d) {
      return LowerCase(d.code) == LowerCase(filter.dimension);
    };
    if (std::any_of(all.begin(), all.end(), same)) continue;
    problem->detail = fmt::format("the table has no dimension '{}'", filter.dimension);
    problem->dimension = filter.dimension;
    for (const CubeDimension& d : all) problem->allowed.push_back(d.code);
    return false;
  }
  size_t values = 0;
  for (const Filter& filter : filters) values += filter.values.size();
  if (values > limits::kHttpValues) {
    problem->detail = fmt::format("{} codes and patterns are too many; at most {}, '*' is all", values,
                                  limits::kHttpValues);
    return false;
  }
  selection->clear();
  for (const CubeDimension& dimension : cube.dimensions()) {
    Chooser chooser(dimension, problem);
    bool filtered = false;
    for (const Filter& filter : filters) {
      if (LowerCase(filter.dimension) != LowerCase(dimension.code)) continue;
      if (!chooser.Apply(filter)) return false;
      filtered = true;
    }
    if (!filtered && every) {
      problem->detail = fmt::format("dimension {} has no filter; every dimension needs one", dimension.code);
      problem->dimension = dimension.code;
      for (const Category& category : dimension.categories) problem->allowed.push_back(category.code);
      return false;
    }
    selection->push_back(filtered ? chooser.Take() : Default(dimension));
  }
  if (CellsOf(*selection) <= limits::kPublishedCells) return true;
  problem->detail = fmt::format("{} cells are asked for; an answer has at most {}", CellsOf(*selection),
                                limits::kPublishedCells);
  return false;
}

size_t CellsOf(const Selection& selection) {
  size_t cells = 1;
  for (const auto& places : selection) cells *= places.size();
  return cells;
}

}  // namespace kpr::http
