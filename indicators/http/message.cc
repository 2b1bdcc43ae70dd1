#include "indicators/http/message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"

namespace kpr::http {
namespace {

bool Decode(const std::string& text, bool plus_is_space, std::string* decoded) {
  decoded->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      *decoded += ' ';
    } else if (text[i] != '%') {
      *decoded += text[i];
    } else {
      const auto byte = FromHex(std::string_view(text).substr(i + 1, 2));
      if (!byte || byte->size() != 1) return false;
      *decoded += *byte;
      i += 2;
    }
  }
  return true;
}

}  // namespace

std::string Target::Get(const std::string& name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

bool Target::Has(const std::string& name) const {
  return std::any_of(query.begin(), query.end(), [&](const auto& pair) { return pair.first == name; });
}

bool ParseTarget(const std::string& target, Target* parsed) {
  const size_t mark = target.find('?');
  if (!target.starts_with('/') || !Decode(target.substr(0, mark), false, &parsed->path)) return false;
  if (parsed->path.find('\0') != std::string::npos) return false;
  parsed->query.clear();
  size_t at = mark == std::string::npos ? target.size() : mark + 1;
  while (at < target.size()) {
    const size_t end = std::min(target.find('&', at), target.size());
    const std::string pair = target.substr(at, end - at);
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string name, value;
    if (!Decode(pair.substr(0, equals), true, &name)) return false;
    if (equals < pair.size() && !Decode(pair.substr(equals + 1), true, &value)) return false;
    if (!name.empty()) parsed->query.emplace_back(std::move(name), std::move(value));
    at = end + 1;
  }
  return true;
}

std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~*,()").find(c) != std::string_view::npos;
    encoded += plain ? std::string(1, c)
                     : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return encoded;
}

std::string LowerCase(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool Matches(const std::string& pattern, const std::string& text) {
  const std::string p = LowerCase(pattern), t = LowerCase(text);
  // Back to the last star when what follows it does not fit: linear for one star, bounded for more.
  size_t i = 0, j = 0, star = std::string::npos, resume = 0;
  while (j < t.size()) {
    if (i < p.size() && p[i] == '*') {
      star = i++;
      resume = j;
    } else if (i < p.size() && (p[i] == '?' || p[i] == t[j])) {
      ++i;
      ++j;
    } else if (star != std::string::npos) {
      i = star + 1;
      j = ++resume;
    } else {
      return false;
    }
  }
  while (i < p.size() && p[i] == '*') ++i;
  return i == p.size();
}

}  // namespace kpr::http
