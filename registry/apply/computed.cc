#include "registry/apply/computed.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/ids.h"

namespace kpr {
namespace {

const Figure* Find(const std::vector<Figure>& figures, uint32_t number) {
  for (const Figure& figure : figures) {
    if (figure.number == number) return &figure;
  }
  return nullptr;
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

}  // namespace

bool Computed::Has(uint32_t number) const {
  return Find(complete, number) != nullptr;
}

std::string Computed::Encode() const {
  std::string text;
  for (const Figure& f : complete)
    text += fmt::format("complete {:08x} {:016x} {}\n", f.number, f.content, f.name);
  for (const Figure& f : pending)
    text += fmt::format("pending {:08x} {:016x} {}\n", f.number, f.content, f.name);
  if (!cursor.empty()) text += fmt::format("cursor {}\n", ToHex(cursor));
  return text;
}

bool Computed::Decode(std::string_view text, Computed* computed) {
  *computed = {};
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) {
    if (word == "cursor") {
      if (!(in >> word) || word.find_first_not_of("0123456789abcdef") != std::string::npos) return false;
      computed->cursor = FromHex(word);
      continue;
    }
    if (word != "complete" && word != "pending") return false;
    Figure figure;
    if (!(in >> std::hex >> figure.number >> figure.content >> figure.name)) return false;
    (word == "complete" ? computed->complete : computed->pending).push_back(figure);
  }
  return true;
}

Result<ComputedChange> ChangeTo(const Computed& before, std::vector<Figure> wanted) {
  std::sort(wanted.begin(), wanted.end());
  ComputedChange change;
  for (const auto* had : {&before.complete, &before.pending}) {
    for (const Figure& figure : *had) {
      const Figure* other = Find(wanted, figure.number);
      if (other == nullptr) {
        change.dropped.push_back(figure.number);
      } else if (other->content != figure.content) {
        return Conflict(
            fmt::format("{} has another content than the one its figures were computed by: give it another "
                        "version, or run 'kpr rebuild'",
                        figure.name));
      }
    }
  }
  std::vector<Figure> missing;
  for (const Figure& figure : wanted) {
    if (before.Has(figure.number)) {
      change.after.complete.push_back(figure);
    } else {
      missing.push_back(figure);
    }
  }
  if (missing == before.pending) {
    change.after.cursor = before.cursor;
  } else {
    // Whatever was begun starts anew together with the rest.
    for (const Figure& figure : before.pending) {
      if (Find(missing, figure.number) != nullptr) change.dropped.push_back(figure.number);
    }
  }
  change.after.pending = std::move(missing);
  return change;
}

}  // namespace kpr
