// kpr subject: what the register holds on a person who asks.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/commands/ask.h"
#include "app/commands/command_line.h"
#include "base/files.h"
#include "kpr/v1/subject.grpc.pb.h"
#include "subject/page.h"

namespace kpr {
namespace {

struct SubjectOptions {
  ClientOptions client;
  bool json = false;
  uint32_t type = 1;
  std::string purpose, out, actor;
};

// Not from the command line, where everybody on the machine sees it.
Result<std::string> ReadNumber() {
  if (isatty(STDIN_FILENO) != 0) std::cerr << "identity number: " << std::flush;
  std::string number;
  std::getline(std::cin, number);
  while (!number.empty() && (number.back() == '\r' || number.back() == ' ')) number.pop_back();
  if (number.empty()) return Invalid("expected the identity number on standard input");
  return number;
}

Status Access(const SubjectOptions& o) {
  v1::GetSubjectAccessRequest request;
  request.mutable_person()->set_type(o.type);
  KPR_ASSIGN_OR_RETURN(*request.mutable_person()->mutable_number(), ReadNumber());
  request.set_purpose(o.purpose);
  request.set_acting_as(o.actor);
  KPR_ASSIGN_OR_RETURN(const auto access, (Ask<v1::Subjects, v1::GetSubjectAccessRequest, v1::SubjectAccess>(
                                              o.client, &v1::Subjects::Stub::GetSubjectAccess, request)));
  if (o.json) {
    PrintJson(access);
    return {};
  }
  KPR_RETURN_IF_ERROR(WriteFileDurably(o.out, SubjectPage(access), 0600));
  std::cout << fmt::format("{}: {}, {}, {}\n", o.out,
                           Plural(static_cast<uint64_t>(access.facts_size()), "fact"),
                           Plural(static_cast<uint64_t>(access.disclosures_size()), "extract"),
                           Plural(static_cast<uint64_t>(access.readings_size()), "read"));
  return {};
}

}  // namespace

void AddSubjectCommand(CommandLine* line) {
  CLI::App* subject =
      line->app()->add_subcommand("subject", "What is held on a person who asks (role citizen_desk)");
  subject->require_subcommand(1);
  const auto o = std::make_shared<SubjectOptions>();
  CLI::App* access =
      line->Add(subject, "access", "Everything on one person, whose number is read from standard input",
                "kpr subject access --purpose \"request 2026/17\" --out innsyn.html <number.txt",
                [o] { return Access(*o); });
  AddClient(access, &o->client);
  access->add_option("--purpose", o->purpose, "whose request it is; it is in the audit log")->required();
  access->add_option("--type", o->type, "of the number, kodeverk 9032: 1 birth number, 2 D-number")
      ->capture_default_str();
  auto* out = access->add_option("--out", o->out, "file for the page, readable by its owner alone")
                  ->capture_default_str();
  o->out = "innsyn.html";
  access->add_flag("--json", o->json, "print JSON instead")->excludes(out);
  access->add_option("--as", o->actor, "who acts, on a loopback server without certificates");
}

}  // namespace kpr
