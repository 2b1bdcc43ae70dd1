#include "app/commands/extract_link.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <sstream>

#include "app/commands/ask.h"
#include "base/files.h"
#include "base/limits.h"
#include "kpr/v1/extract.grpc.pb.h"

namespace kpr {
namespace {

constexpr int kLinkSeconds = 600;
constexpr uint32_t kBirthNumber = 1;  // kodeverk 9032

// Lines of `number` or `type,number`; a header line that has no digits is passed over.
Result<std::vector<v1::PersonIdentity>> ReadPersons(const std::string& path) {
  std::string text;
  if (path == "-") {
    std::stringstream all;
    all << std::cin.rdbuf();
    text = all.str();
  } else {
    KPR_ASSIGN_OR_RETURN(text, ReadFile(path));
  }
  std::vector<v1::PersonIdentity> persons;
  std::stringstream lines(text);
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || (number == 1 && line.find_first_of("0123456789") == std::string::npos)) continue;
    v1::PersonIdentity person;
    person.set_type(kBirthNumber);
    const size_t comma = line.find(',');
    if (comma != std::string::npos) {
      const std::string type = line.substr(0, comma);
      if (type.empty() || type.size() > 2 || type.find_first_not_of("0123456789") != std::string::npos)
        return Invalid(fmt::format(
            "{}:{}: expected a number, or its type (kodeverk 9032), a comma and the number", path, number));
      person.set_type(static_cast<uint32_t>(std::stoul(type)));
    }
    person.set_number(comma == std::string::npos ? line : line.substr(comma + 1));
    persons.push_back(std::move(person));
  }
  if (persons.empty()) return Invalid(path + ": has no numbers");
  return persons;
}

}  // namespace

Status Link(const ClientOptions& client, const LinkOptions& o, const std::atomic<bool>& stop) {
  KPR_ASSIGN_OR_RETURN(const auto persons, ReadPersons(o.persons));
  const bool show = isatty(STDERR_FILENO) != 0;
  std::string csv = "type,number,person\r\n";
  size_t linked = 0;
  for (size_t at = 0; at < persons.size();) {
    if (stop) return Unavailable("interrupted; nothing is written");
    const size_t end = std::min(persons.size(), at + limits::kLinkedPersons);
    v1::GetLinkageKeyRequest request;
    request.set_id(o.id);
    request.set_acting_as(o.actor);
    for (size_t i = at; i < end; ++i) *request.add_persons() = persons[i];
    auto key = Ask<v1::Extracts, v1::GetLinkageKeyRequest, v1::LinkageKey>(
        client, &v1::Extracts::Stub::GetLinkageKey, request, kLinkSeconds);
    if (!key.ok()) return key.status().WithContext(fmt::format("numbers {} to {}", at + 1, end));
    for (const v1::LinkedPerson& person : key->persons()) {
      if (person.index() >= end - at) return DataLoss("the server names a person who was not asked for");
      const v1::PersonIdentity& asked = persons[at + person.index()];
      csv += fmt::format("{},{},{}\r\n", asked.type(), asked.number(), person.person());
      ++linked;
    }
    at = end;
    if (show) std::cerr << fmt::format("\r{} of {} numbers", at, persons.size()) << std::flush;
  }
  if (show) std::cerr << '\n';
  KPR_RETURN_IF_ERROR(WriteFileDurably(o.out, csv, 0600));
  std::cout << fmt::format("{}: {} of {} numbers are of persons in {}\n", o.out, linked, persons.size(),
                           o.id);
  return {};
}

}  // namespace kpr
