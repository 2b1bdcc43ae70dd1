// Finds English words in what should be a Norwegian text.
#pragma once

#include <set>
#include <string>

namespace kpr::test {

// The first English word of the text; empty: none. Words that are Norwegian as well ("at", "for", "men",
// "to", "type") are not looked for, nor are field names and codes, which hold '_', '.' or capitals.
inline std::string EnglishWordIn(const std::string& text) {
  static const std::set<std::string> kWords = {
      "a",       "after", "an",     "and",          "before",  "by",   "characters", "code", "date",
      "day",     "days",  "does",   "from",         "has",     "have", "home",       "last", "least",
      "missing", "month", "most",   "municipality", "names",   "not",  "number",     "of",   "on",
      "or",      "other", "scores", "service",      "share",   "six",  "stay",       "than", "the",
      "user",    "users", "who",    "with",         "without", "year", "years",      "is",   "are",
      "must",    "be",    "this",   "that",
  };
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (c != ' ' && c != ',' && c != ';' && c != ':' && c != '(' && c != ')') {
      word += c;
      continue;
    }
    if (kWords.contains(word)) return word;
    word.clear();
  }
  return {};
}

}  // namespace kpr::test
