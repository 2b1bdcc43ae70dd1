// kpr extract: from a researcher's request to files.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/commands/ask.h"
#include "app/commands/command_line.h"
#include "app/commands/extract_dummy.h"
#include "app/commands/extract_link.h"
#include "app/commands/extract_output.h"
#include "base/clock.h"
#include "base/crypto/hash.h"
#include "base/files.h"
#include "extracts/variables/variables.h"
#include "kpr/v1/extract.grpc.pb.h"

namespace kpr {
namespace {

using v1::Extracts;

constexpr int64_t kMillisOfDay = 86'400'000;
constexpr int kCheckSeconds = 600, kTransferSeconds = 86'400;

struct ExtractOptions {
  ClientOptions client;
  OutputOptions output;
  std::string file, id, text, actor, role, out, table, request_sha256, delta_to;
  uint64_t seed = 1;
  bool no_wait = false;
};

template <typename Request, typename Response>
Result<Response> Call(const ExtractOptions& o,
                      grpc::Status (Extracts::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
  return Ask<Extracts, Request, Response>(o.client, call, request, kCheckSeconds);
}

Status MakeDummyFiles(const ExtractOptions& o, const Interrupts& interrupts) {
  KPR_ASSIGN_OR_RETURN(const std::string text, ReadFile(o.file));
  const Date today{static_cast<int32_t>(SystemClock().UnixMillis() / kMillisOfDay)};
  KPR_ASSIGN_OR_RETURN(const Dummy dummy,
                       MakeDummy(text, o.file, o.out, o.seed, today, [&] { return interrupts.stop.load(); }));
  std::cout << fmt::format("{} in {}: {} rows on {} simulated persons of {}. Nobody is in them\n",
                           Plural(dummy.built.files.size(), "file"), o.out, dummy.built.rows,
                           dummy.built.persons.size(), dummy.simulated);
  return {};
}

Status Check(const ExtractOptions& o) {
  v1::CheckExtractRequest request;
  KPR_ASSIGN_OR_RETURN(*request.mutable_request(), ReadFile(o.file));
  request.set_file_name(o.file);
  request.set_acting_as(o.actor);
  KPR_ASSIGN_OR_RETURN(const v1::ExtractCheck check, (Call<v1::CheckExtractRequest, v1::ExtractCheck>(
                                                         o, &Extracts::Stub::CheckExtract, request)));
  PrintCheck(check, OutputOf(o.output));
  return check.findings().empty()
             ? Status()
             : Invalid(o.file + ": " + Plural(static_cast<uint64_t>(check.findings_size()), "finding"));
}

Status Propose(const ExtractOptions& o) {
  v1::ProposeExtractRequest request;
  KPR_ASSIGN_OR_RETURN(*request.mutable_request(), ReadFile(o.file));
  request.set_file_name(o.file);
  request.set_acting_as(o.actor);
  request.set_delta_to(o.delta_to);
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract, (Call<v1::ProposeExtractRequest, v1::Extract>(
                                                      o, &Extracts::Stub::ProposeExtract, request)));
  PrintExtract(extract, OutputOf(o.output));
  return {};
}

using Decision = grpc::Status (Extracts::Stub::*)(grpc::ClientContext*, const v1::DecideExtractRequest&,
                                                  v1::Extract*);

Status Decide(const ExtractOptions& o, Decision decision) {
  v1::DecideExtractRequest request;
  request.set_id(o.id);
  request.set_request_sha256(o.request_sha256);
  request.set_text(o.text);
  request.set_acting_as(o.actor);
  request.set_role(o.role);
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract,
                       (Call<v1::DecideExtractRequest, v1::Extract>(o, decision, request)));
  PrintExtract(extract, OutputOf(o.output));
  return {};
}

v1::GetExtractRequest GetOf(const ExtractOptions& o) {
  v1::GetExtractRequest request;
  request.set_id(o.id);
  request.set_acting_as(o.actor);
  return request;
}

Status Show(const ExtractOptions& o) {
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract,
                       (Call<v1::GetExtractRequest, v1::Extract>(o, &Extracts::Stub::GetExtract, GetOf(o))));
  PrintExtract(extract, OutputOf(o.output));
  return {};
}

Status Expire(const ExtractOptions& o) {
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract, (Call<v1::GetExtractRequest, v1::Extract>(
                                                      o, &Extracts::Stub::ExpireExtract, GetOf(o))));
  PrintExtract(extract, OutputOf(o.output));
  return {};
}

// Shows how far the build is, with an estimate, until it ends.
Status Watch(const ExtractOptions& o, const Interrupts& interrupts) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(o.client));
  const auto stub = Extracts::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kTransferSeconds));
  const auto reader = stub->WatchExtract(&context, GetOf(o));
  const bool show = isatty(STDERR_FILENO) != 0;
  const auto begin = std::chrono::steady_clock::now();
  v1::Extract extract;
  while (reader->Read(&extract)) {
    if (interrupts.stop) {
      context.TryCancel();
      std::cerr << "\nthe extract is built on; 'kpr extract watch' shows it\n";
      return {};
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const bool known = show && extract.state() == v1::Extract::STATE_BUILDING && extract.progress() > 0;
    if (known)
      std::cerr << fmt::format("\r{:.0f} %, {:.0f} s left   ", 100 * extract.progress(),
                               seconds / extract.progress() * (1 - extract.progress()))
                << std::flush;
  }
  if (show) std::cerr << "\r                          \r";
  KPR_RETURN_IF_ERROR(FromGrpc(reader->Finish(), o.client.server));
  PrintExtract(extract, OutputOf(o.output));
  const bool ended =
      extract.state() == v1::Extract::STATE_REFUSED || extract.state() == v1::Extract::STATE_FAILED;
  return ended ? FailedPrecondition(extract.failure()) : Status();
}

Status StartBuild(const ExtractOptions& o, const Interrupts& interrupts) {
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract, (Call<v1::GetExtractRequest, v1::Extract>(
                                                      o, &Extracts::Stub::BuildExtract, GetOf(o))));
  if (!o.no_wait) return Watch(o, interrupts);
  PrintExtract(extract, OutputOf(o.output));
  return {};
}

Status List(const ExtractOptions& o) {
  v1::ListExtractsRequest request;
  request.set_acting_as(o.actor);
  v1::ListExtractsResponse all;
  do {
    KPR_ASSIGN_OR_RETURN(
        const v1::ListExtractsResponse page,
        (Call<v1::ListExtractsRequest, v1::ListExtractsResponse>(o, &Extracts::Stub::ListExtracts, request)));
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  PrintExtracts(all, OutputOf(o.output));
  return {};
}

Result<std::string> HashOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unavailable(path + ": cannot be read");
  crypto::Sha256Stream hash;
  std::string piece(1u << 20, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.Add(std::string_view(piece).substr(0, static_cast<size_t>(file.gcount())));
  }
  return file.bad() ? Result<std::string>(Unavailable(path + ": cannot be read")) : hash.Finish();
}

// Continues where an earlier fetch of the file ended.
Status FetchFile(const ExtractOptions& o, Extracts::Stub* stub, const v1::ExtractFile& file,
                 const Interrupts& interrupts) {
  const std::string path = o.out + "/" + file.name(), part = path + ".part";
  if (std::filesystem::exists(path)) {
    KPR_ASSIGN_OR_RETURN(const std::string hash, HashOfFile(path));
    if (hash == file.sha256()) return {};
  }
  std::error_code error;
  const auto begun = std::filesystem::file_size(part, error);
  v1::GetExtractFileRequest request;
  request.set_id(o.id);
  request.set_name(file.name());
  request.set_offset(error || begun > file.bytes() ? 0 : begun);
  request.set_acting_as(o.actor);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kTransferSeconds));
  const auto reader = stub->GetExtractFile(&context, request);
  std::ofstream out(part, std::ios::binary | (request.offset() > 0 ? std::ios::app : std::ios::trunc));
  v1::ExtractFilePiece piece;
  while (reader->Read(&piece)) {
    if (interrupts.stop) {
      context.TryCancel();
      return Unavailable(fmt::format("interrupted; fetch again to continue {}", file.name()));
    }
    if (!out.write(piece.content().data(), static_cast<std::streamsize>(piece.content().size())))
      return Unavailable(part + ": cannot be written");
  }
  KPR_RETURN_IF_ERROR(FromGrpc(reader->Finish(), o.client.server));
  out.close();
  KPR_ASSIGN_OR_RETURN(const std::string hash, HashOfFile(part));
  if (!out || hash != file.sha256()) {
    std::filesystem::remove(part, error);
    return DataLoss(fmt::format("{}: not what was built; fetch again", file.name()));
  }
  std::filesystem::rename(part, path, error);
  return error ? Unavailable(path + ": " + error.message()) : Status();
}

Status Fetch(const ExtractOptions& o, const Interrupts& interrupts) {
  KPR_ASSIGN_OR_RETURN(const v1::Extract extract,
                       (Call<v1::GetExtractRequest, v1::Extract>(o, &Extracts::Stub::GetExtract, GetOf(o))));
  if (extract.state() != v1::Extract::STATE_READY)
    return FailedPrecondition(fmt::format("{} is {}; 'kpr extract watch' shows how far it is", extract.id(),
                                          WithoutPrefix(v1::Extract::State_Name(extract.state()), "STATE_")));
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  if (error) return Unavailable(o.out + ": " + error.message());
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(o.client));
  const auto stub = Extracts::NewStub(channel);
  uint64_t bytes = 0;
  for (const v1::ExtractFile& file : extract.files()) {
    KPR_RETURN_IF_ERROR(FetchFile(o, stub.get(), file, interrupts));
    bytes += file.bytes();
    if (isatty(STDERR_FILENO) != 0) std::cerr << fmt::format("{}, {} bytes\n", file.name(), file.bytes());
  }
  std::cout << fmt::format(
      "{} in {}, {} bytes, as they were built; 'age -d -i key.txt -o FILE FILE.age' decrypts one\n",
      Plural(static_cast<uint64_t>(extract.files_size()), "file"), o.out, bytes);
  return {};
}

// Adds commands that share their options.
class ExtractCommandLine {
 public:
  ExtractCommandLine(CommandLine* line, Interrupts* interrupts) : line_(line), interrupts_(interrupts) {
    extract_ = line->app()->add_subcommand(
        "extract", "Data for research: ask, try with dummy files, decide, build, fetch");
    extract_->require_subcommand(1);
  }

  void AddAsking() {
    auto o = o_;
    Add(
        "variables", "Show every variable that can be asked for",
        "kpr extract variables --table medication_review",
        [o] { return PrintVariables(extract::DescribeVariables(), o->table, OutputOf(o->output)), Status(); },
        false)
        ->add_option("--table", o->table, "only of this table");
    CLI::App* dummy = Add(
        "dummy", "Make files of the same form with nobody in them, at once and without a server",
        "kpr extract dummy falls.textproto --out dummy",
        [o, interrupts = interrupts_] { return MakeDummyFiles(*o, *interrupts); }, false);
    dummy->add_option("--seed", o->seed, "the same seed and request give the same files")
        ->capture_default_str();
    File(dummy)->add_option("--out", o->out, "folder")->required();
    Actor(File(Add("check", "Whether a request is complete and proportionate, and about how much it gives",
                   "kpr extract check falls.textproto", [o] { return Check(*o); })));
    Actor(File(Add("propose", "Propose a request", "kpr extract propose falls.textproto",
                   [o] { return Propose(*o); })))
        ->add_option("--delta-to", o->delta_to,
                     "an earlier extract of the same request: only what has changed since");
  }

  void AddDeciding() {
    auto o = o_;
    const auto add = [&](const char* name, const char* what, const char* example, Decision decision) {
      CLI::App* command = Actor(Id(Add(name, what, example, [o, decision] { return Decide(*o, decision); })));
      command->add_option("--role", o->role, "case_officer or data_protection_officer, for who is both");
      command->add_option("--text", o->text, "why");
      return command;
    };
    add("approve", "Approve a request, as the first or second of two",
        "kpr extract approve falls-1 --request 3f9a...", &Extracts::Stub::ApproveExtract)
        ->add_option("--request", o->request_sha256, "its SHA-256, which 'kpr extract show' tells")
        ->required();
    add("reject", "Reject a request",
        "kpr extract reject falls-1 --text \"the aims do not need birth dates\"",
        &Extracts::Stub::RejectExtract);
    add("revoke", "Delete what was built; nobody may use it any longer",
        "kpr extract revoke falls-1 --text \"the project has ended\"", &Extracts::Stub::RevokeExtract);
    Actor(Id(Add("build", "Build what two people have approved", "kpr extract build falls-1",
                 [o, interrupts = interrupts_] { return StartBuild(*o, *interrupts); })))
        ->add_flag("--no-wait", o->no_wait, "do not wait until it is built");
  }

  void AddReading() {
    auto o = o_;
    Actor(Id(Add("watch", "Follow a build to its end", "kpr extract watch falls-1",
                 [o, interrupts = interrupts_] { return Watch(*o, *interrupts); })));
    Actor(Id(Add("show", "Show an extract: decisions, risk, files", "kpr extract show falls-1",
                 [o] { return Show(*o); })));
    Actor(Id(Add("expire", "End an extract before its last day: its files are deleted here",
                 "kpr extract expire falls-1", [o] { return Expire(*o); })));
    Actor(
        Add("list", "List extracts: of researchers their own", "kpr extract list", [o] { return List(*o); }));
    Actor(Id(Add("fetch", "Fetch the files, or what is missing of them",
                 "kpr extract fetch falls-1 --out falls",
                 [o, interrupts = interrupts_] { return Fetch(*o, *interrupts); })))
        ->add_option("--out", o->out, "folder")
        ->required();
    CLI::App* link = Actor(
        Id(Add("link", "Ask which persons of a list are in an extract (role linker, which its request names)",
               "kpr extract link falls-1 --persons numbers.csv --out key.csv", [o, interrupts = interrupts_] {
                 return Link(o->client, {o->id, o->file, o->out, o->actor}, interrupts->stop);
               })));
    link->add_option("--persons", o->file,
                     "lines of a number, or of its type, a comma and the number; - is standard input")
        ->required();
    link->add_option("--out", o->out, "file for numbers and pseudonyms, readable by its owner alone")
        ->required();
  }

 private:
  CLI::App* Add(const char* name, const char* what, const char* example, std::function<Status()> run,
                bool asks = true) {
    CLI::App* command = line_->Add(extract_, name, what, example, std::move(run));
    if (asks) AddClient(command, &o_->client);
    AddOutput(command, &o_->output);
    return command;
  }
  CLI::App* File(CLI::App* command) {
    command->add_option("file", o_->file, "request: textproto or JSON (docs/researchers.md)")->required();
    return command;
  }
  CLI::App* Id(CLI::App* command) {
    command->add_option("id", o_->id, "of the extract")->required();
    return command;
  }
  CLI::App* Actor(CLI::App* command) {
    command->add_option("--as", o_->actor, "who acts, on a loopback server without certificates");
    return command;
  }

  CommandLine* line_;
  Interrupts* interrupts_;
  CLI::App* extract_;
  std::shared_ptr<ExtractOptions> o_ = std::make_shared<ExtractOptions>();
};

}  // namespace

void AddExtractCommands(CommandLine* line, Interrupts* interrupts) {
  ExtractCommandLine commands(line, interrupts);
  commands.AddAsking();
  commands.AddDeciding();
  commands.AddReading();
}

}  // namespace kpr
