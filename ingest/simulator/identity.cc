#include "ingest/simulator/identity.h"

#include <fmt/format.h>

namespace kpr::simulator {
namespace {

// The number with its check digits; empty where they do not exist for this individual number.
std::string WithCheckDigits(const std::string& nine) {
  static constexpr int kFirst[] = {3, 7, 6, 1, 8, 9, 4, 5, 2};
  static constexpr int kSecond[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (size_t i = 0; i < 9; ++i) sum += (nine[i] - '0') * kFirst[i];
  const int first = (11 - sum % 11) % 11;
  if (first == 10) return "";
  const std::string ten = nine + static_cast<char>('0' + first);
  sum = 0;
  for (size_t i = 0; i < 10; ++i) sum += (ten[i] - '0') * kSecond[i];
  const int second = (11 - sum % 11) % 11;
  return second == 10 ? "" : ten + static_cast<char>('0' + second);
}

}  // namespace

std::string IdentityNumbers::Next(Date birth, bool d_number) {
  int& used = given_[birth.days * 2 + (d_number ? 1 : 0)];
  while (true) {
    const int individual = used++ % 1000;
    const std::string nine = fmt::format("{:02}{:02}{:02}{:03}", birth.day() + (d_number ? 40 : 0),
                                         birth.month() + 80, birth.year() % 100, individual);
    std::string number = WithCheckDigits(nine);
    if (!number.empty()) return number;
  }
}

void IdentityNumbers::Leave(Mover mover) {
  constexpr size_t kRemembered = 4000;
  movers_.push_back(std::move(mover));
  if (movers_.size() > kRemembered) movers_.pop_front();
}

std::optional<Mover> IdentityNumbers::Arrive(Date on) {
  for (auto it = movers_.begin(); it != movers_.end(); ++it) {
    if (it->left > on || on - it->left > 45) continue;
    Mover mover = std::move(*it);
    movers_.erase(it);
    return mover;
  }
  return std::nullopt;
}

std::string OrganisationNumber(uint32_t index) {
  static constexpr int kWeights[] = {3, 2, 7, 6, 5, 4, 3, 2};
  // One eight-digit stem in eleven has no check digit; counting by twos leaves one for each index.
  for (uint32_t stem = 90'000'000 + index * 2;; ++stem) {
    const std::string eight = fmt::format("{:08}", stem);
    int sum = 0;
    for (size_t i = 0; i < 8; ++i) sum += (eight[i] - '0') * kWeights[i];
    const int check = (11 - sum % 11) % 11;
    if (check != 10) return eight + static_cast<char>('0' + check);
  }
}

}  // namespace kpr::simulator
