// kpr release: from the plan of a publication to a release that anybody can check.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <thread>

#include "app/commands/ask.h"
#include "app/commands/command_line.h"
#include "app/commands/release_output.h"
#include "app/data_folders.h"
#include "base/embedded.h"
#include "base/files.h"
#include "indicators/definition/catalogue.h"
#include "indicators/publication/check.h"
#include "indicators/publication/release_files.h"
#include "kpr/v1/publication.grpc.pb.h"

namespace kpr {

namespace {

constexpr int kLongCallSeconds = 3600;  // what hides and attacks all tables of a release
constexpr std::chrono::milliseconds kPause{200};

using v1::Publications;

struct ReleaseOptions {
  ClientOptions client;
  OutputOptions output;
  std::string file, series, municipality, text, actor, out, key, catalogue, content;
  std::vector<std::string> folders;
  uint32_t number = 0;
  bool object = false, no_wait = false;
};

template <typename Request, typename Response>
Result<Response> Call(const ReleaseOptions& o,
                      grpc::Status (Publications::Stub::*call)(grpc::ClientContext*, const Request&,
                                                               Response*),
                      const Request& request) {
  return Ask<Publications, Request, Response>(o.client, call, request, kLongCallSeconds);
}

Result<std::vector<v1::Definition>> Definitions(const std::string& folder) {
  CatalogueFiles files{embedded::Catalogue(), embedded::Instruments()};
  if (!folder.empty()) {
    KPR_ASSIGN_OR_RETURN(files, ReadCatalogueFolder(folder));
  }
  KPR_ASSIGN_OR_RETURN(Catalogue catalogue, LoadCatalogue(files.definitions, files.instruments));
  return std::move(catalogue.definitions);
}

Status CheckPlan(const ReleaseOptions& o) {
  KPR_ASSIGN_OR_RETURN(const std::string text, ReadFile(o.file));
  KPR_ASSIGN_OR_RETURN(const auto definitions, Definitions(o.catalogue));
  KPR_ASSIGN_OR_RETURN(const v1::PublicationPlan plan, publication::ParsePlan(text, o.file, definitions));
  PrintPlan(plan, OutputOf(o.output));
  return {};
}

// Shows how far the computation is, with an estimate, until it ends.
Status WaitForDraft(const ReleaseOptions& o, v1::Draft draft, const Interrupts& interrupts) {
  const bool show = isatty(STDERR_FILENO) != 0;
  const auto begin = std::chrono::steady_clock::now();
  v1::GetDraftRequest request;
  request.set_series(draft.series());
  while (draft.state() == v1::Draft::STATE_COMPUTING) {
    if (interrupts.stop) {
      std::cerr << "\nthe draft is computed on; 'kpr release review' shows it\n";
      return {};
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (show && draft.tables_done() > 0) {
      std::cerr << fmt::format("\r{} of {} tables, {:.0f} s left   ", draft.tables_done(), draft.tables(),
                               seconds / draft.tables_done() * (draft.tables() - draft.tables_done()))
                << std::flush;
    }
    std::this_thread::sleep_for(kPause);
    KPR_ASSIGN_OR_RETURN(draft,
                         (Call<v1::GetDraftRequest, v1::Draft>(o, &Publications::Stub::GetDraft, request)));
  }
  if (show) std::cerr << "\r                              \r";
  if (draft.state() == v1::Draft::STATE_FAILED) return FailedPrecondition(draft.failure());
  PrintDraft(draft, OutputOf(o.output));
  return {};
}

Status MakeDraft(const ReleaseOptions& o, const Interrupts& interrupts) {
  v1::CreateDraftRequest request;
  KPR_ASSIGN_OR_RETURN(*request.mutable_plan(), ReadFile(o.file));
  request.set_file_name(o.file);
  request.set_acting_as(o.actor);
  KPR_ASSIGN_OR_RETURN(const v1::Draft draft, (Call<v1::CreateDraftRequest, v1::Draft>(
                                                  o, &Publications::Stub::CreateDraft, request)));
  if (!o.no_wait) return WaitForDraft(o, draft, interrupts);
  PrintDraft(draft, OutputOf(o.output));
  return {};
}

Status Review(const ReleaseOptions& o, const Interrupts& interrupts) {
  v1::GetDraftRequest request;
  request.set_series(o.series);
  KPR_ASSIGN_OR_RETURN(const v1::Draft draft,
                       (Call<v1::GetDraftRequest, v1::Draft>(o, &Publications::Stub::GetDraft, request)));
  if (draft.state() == v1::Draft::STATE_COMPUTING) return WaitForDraft(o, draft, interrupts);
  PrintDraft(draft, OutputOf(o.output));
  return {};
}

Status Preview(const ReleaseOptions& o) {
  v1::PreviewDraftRequest request;
  request.set_series(o.series);
  request.set_municipality(o.municipality);
  KPR_ASSIGN_OR_RETURN(const v1::DraftPreview preview, (Call<v1::PreviewDraftRequest, v1::DraftPreview>(
                                                           o, &Publications::Stub::PreviewDraft, request)));
  PrintPreview(preview, OutputOf(o.output));
  return {};
}

Status SignOff(const ReleaseOptions& o) {
  v1::SignOffDraftRequest request;
  request.set_series(o.series);
  request.set_municipality(o.municipality);
  request.set_answer(o.text.empty() ? v1::SignOff::ANSWER_APPROVED : v1::SignOff::ANSWER_OBJECTED);
  request.set_text(o.text);
  request.set_acting_as(o.actor);
  KPR_ASSIGN_OR_RETURN(const v1::SignOff sign_off, (Call<v1::SignOffDraftRequest, v1::SignOff>(
                                                       o, &Publications::Stub::SignOffDraft, request)));
  std::cout << fmt::format("{}: {}\n", sign_off.municipality(),
                           sign_off.answer() == v1::SignOff::ANSWER_APPROVED ? "approved" : "objected");
  return {};
}

Status Approve(const ReleaseOptions& o) {
  v1::ApproveDraftRequest request;
  request.set_series(o.series);
  request.set_content_hash(o.content);
  request.set_acting_as(o.actor);
  KPR_ASSIGN_OR_RETURN(const v1::Draft draft, (Call<v1::ApproveDraftRequest, v1::Draft>(
                                                  o, &Publications::Stub::ApproveDraft, request)));
  std::cout << fmt::format("{}: approved by {}\n", draft.series(), draft.approved_by());
  return {};
}

Status Publish(const ReleaseOptions& o) {
  v1::PublishDraftRequest request;
  request.set_series(o.series);
  request.set_acting_as(o.actor);
  KPR_ASSIGN_OR_RETURN(const v1::Release release, (Call<v1::PublishDraftRequest, v1::Release>(
                                                      o, &Publications::Stub::PublishDraft, request)));
  PrintRelease(release, OutputOf(o.output));
  return {};
}

Status List(const ReleaseOptions& o) {
  v1::ListReleasesRequest request;
  request.set_series(o.series);
  v1::ListReleasesResponse all;
  do {
    KPR_ASSIGN_OR_RETURN(const v1::ListReleasesResponse page,
                         (Call<v1::ListReleasesRequest, v1::ListReleasesResponse>(
                             o, &Publications::Stub::ListReleases, request)));
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  PrintReleases(all, OutputOf(o.output));
  return {};
}

Result<std::string> Download(const ReleaseOptions& o, const std::string& name) {
  v1::GetReleaseFileRequest request;
  request.set_series(o.series);
  request.set_number(o.number);
  request.set_name(name);
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(o.client));
  const auto stub = Publications::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kCallSeconds));
  const auto reader = stub->GetReleaseFile(&context, request);
  std::string content;
  v1::ReleaseFilePiece piece;
  while (reader->Read(&piece)) content += piece.content();
  KPR_RETURN_IF_ERROR(FromGrpc(reader->Finish(), o.client.server));
  return content;
}

Status Show(const ReleaseOptions& o) {
  KPR_ASSIGN_OR_RETURN(const std::string json, Download(o, publication::kManifestFile));
  v1::Release release;
  KPR_RETURN_IF_ERROR(publication::FromJson(json, publication::kManifestFile, release));
  PrintRelease(release, OutputOf(o.output));
  return {};
}

Status Save(const ReleaseOptions& o) {
  KPR_ASSIGN_OR_RETURN(const std::string json, Download(o, publication::kManifestFile));
  v1::Release release;
  KPR_RETURN_IF_ERROR(publication::FromJson(json, publication::kManifestFile, release));
  std::vector<std::string> names{publication::kSignatureFile};
  for (const v1::ReleaseFile& file : release.files()) names.push_back(file.name());
  for (const std::string& name : names) {
    KPR_ASSIGN_OR_RETURN(const std::string content, Download(o, name));
    KPR_RETURN_IF_ERROR(WriteFileDurably(o.out + "/" + name, content));
  }
  KPR_RETURN_IF_ERROR(WriteFileDurably(o.out + "/" + publication::kManifestFile, json));
  std::cout << fmt::format("{} in {}\n", Plural(names.size() + 1, "file"), o.out);
  return {};
}

Status Diff(const ReleaseOptions& o) {
  KPR_ASSIGN_OR_RETURN(const std::string json, Download(o, publication::kRevisionsFile));
  v1::RevisionRecord record;
  KPR_RETURN_IF_ERROR(publication::FromJson(json, publication::kRevisionsFile, record));
  PrintRevisions(record, OutputOf(o.output));
  return {};
}

Status Check(const ReleaseOptions& o) {
  std::optional<publication::CheckedRelease> before;
  for (const std::string& folder : o.folders) {
    KPR_ASSIGN_OR_RETURN(publication::CheckedRelease checked,
                         publication::CheckRelease(folder, o.key, before ? &*before : nullptr));
    std::cout << fmt::format("{}: release {} of {}, {}, {} bytes, signature good{}\n", folder,
                             checked.manifest.number(), checked.manifest.series(),
                             Plural(checked.files, "file"), checked.bytes,
                             before ? ", follows the release before" : "");
    std::cout << fmt::format(
        "  attacked: {} of {} figures are hidden, none follows from the others{}\n", checked.hidden,
        checked.figures,
        checked.hidden == 0 ? ""
                            : fmt::format("; the narrowest interval found is {:g} wide", checked.narrowest));
    if (checked.other_lists) {
      std::cout << fmt::format(
          "  by code lists of its own, {}{}\n", folder,
          "/code_lists: 'kpr code-lists check' shows what differs from the built-in ones");
    }
    if (!before && o.key.empty())
      std::cout << "  key (not compared with one you trust): " << checked.manifest.public_key() << '\n';
    before = std::move(checked);
  }
  return {};
}

// Adds commands that share their options.
class ReleaseCommandLine {
 public:
  ReleaseCommandLine(CommandLine* line, Interrupts* interrupts) : line_(line), interrupts_(interrupts) {
    release_ = line->app()->add_subcommand("release", "Publish: draft, sign off, approve, release, check");
    release_->require_subcommand(1);
  }

  void AddDrafting() {
    auto o = o_;
    CLI::App* plan = Add(
        "plan", "Check a plan", "kpr release plan care-2024.textproto", [o] { return CheckPlan(*o); }, false);
    plan->add_option("file", o->file, "textproto")->required();
    plan->add_option("--catalogue", o->catalogue,
                     "folder of indicator definitions; default: the built-in ones");
    Add(
        "policies", "Show the named disclosure policies", "kpr release policies",
        [o] { return PrintPolicies(OutputOf(o->output)), Status(); }, false);
    CLI::App* draft = Add("draft", "Compute a draft by a plan", "kpr release draft care-2024.textproto",
                          [o, interrupts = interrupts_] { return MakeDraft(*o, *interrupts); });
    draft->add_option("file", o->file, "textproto")->required();
    draft->add_flag("--no-wait", o->no_wait, "do not wait until it is computed");
    Actor(draft);
    Series(Add("review", "Show what a draft hides, what is new, and who has signed off",
               "kpr release review care", [o, interrupts = interrupts_] { return Review(*o, *interrupts); }));
    Municipality(Series(Add("preview", "Show a municipality its own figures of a draft",
                            "kpr release preview care --municipality 4601", [o] { return Preview(*o); })));
    CLI::App* sign_off =
        Add("sign-off", "Approve a municipality's figures, or object to them",
            "kpr release sign-off care --municipality 4601 --object \"stays of March are missing\"",
            [o] { return SignOff(*o); });
    Municipality(Series(sign_off));
    sign_off->add_option("--object", o->text, "what is wrong; without it the figures are approved");
    Actor(sign_off);
    CLI::App* approve = Add("approve", "Approve a draft as the second person",
                            "kpr release approve care --content 3f2a...", [o] { return Approve(*o); });
    Series(approve)
        ->add_option("--content", o->content, "what 'kpr release review' shows as content")
        ->required();
    Actor(approve);
    Actor(Series(Add("publish", "Release an approved draft", "kpr release publish care",
                     [o] { return Publish(*o); })));
  }

  void AddReading() {
    auto o = o_;
    Add("list", "List releases", "kpr release list", [o] {
      return List(*o);
    })->add_option("series", o->series, "of one series");
    Numbered(Add("show", "Show a release's files and who released it", "kpr release show care 1",
                 [o] { return Show(*o); }));
    Numbered(Add("save", "Save the files of a release", "kpr release save care 1 --out care-1",
                 [o] { return Save(*o); }))
        ->add_option("--out", o->out, "folder")
        ->required();
    Numbered(Add("diff", "Show what a release revised, and why", "kpr release diff care 2",
                 [o] { return Diff(*o); }));
    CLI::App* check = Add(
        "check", "Verify releases from their files alone: hashes, signature, chain, and the attack",
        "kpr release check care-1 care-2 --public-key wEvZ...=", [o] { return Check(*o); }, false);
    check->add_option("folders", o->folders, "of one series, in order")->required();
    check->add_option("--public-key", o->key,
                      "base64 of the key that you trust; default: the one that the release names");
  }

 private:
  CLI::App* Add(const char* name, const char* what, const char* example, std::function<Status()> run,
                bool asks = true) {
    CLI::App* command = line_->Add(release_, name, what, example, std::move(run));
    if (asks) AddClient(command, &o_->client);
    AddOutput(command, &o_->output);
    return command;
  }
  CLI::App* Series(CLI::App* command) {
    command->add_option("series", o_->series, "id of the plan")->required();
    return command;
  }
  CLI::App* Numbered(CLI::App* command) {
    Series(command)->add_option("number", o_->number, "of the release")->required();
    return command;
  }
  CLI::App* Municipality(CLI::App* command) {
    command->add_option("--municipality", o_->municipality, "its number")->required();
    return command;
  }
  CLI::App* Actor(CLI::App* command) {
    command->add_option("--as", o_->actor, "who acts, on a loopback server without certificates");
    return command;
  }

  CommandLine* line_;
  Interrupts* interrupts_;
  CLI::App* release_;
  std::shared_ptr<ReleaseOptions> o_ = std::make_shared<ReleaseOptions>();
};

}  // namespace

void AddReleaseCommands(CommandLine* line, Interrupts* interrupts) {
  ReleaseCommandLine commands(line, interrupts);
  commands.AddDrafting();
  commands.AddReading();
}

}  // namespace kpr
