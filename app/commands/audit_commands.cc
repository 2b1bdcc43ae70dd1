// kpr audit: what is recorded, and that nobody has changed it.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <iostream>

#include "app/commands/ask.h"
#include "app/commands/audit_witness.h"
#include "app/commands/command_line.h"
#include "app/commands/table.h"
#include "app/open_audit.h"
#include "base/files.h"
#include "base/ids.h"
#include "kpr/v1/audit.grpc.pb.h"
#include "registry/audit/verify.h"

namespace kpr {
namespace {

using AuditStub = v1::Audit::Stub;

std::string KindName(v1::AuditRecord::Kind kind) {
  std::string name = v1::AuditRecord::Kind_Name(kind).substr(sizeof("KIND_") - 1);
  for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::vector<std::string> RowOf(const v1::IndexedAuditRecord& indexed) {
  const v1::AuditRecord& record = indexed.record();
  return {std::to_string(indexed.index()),
          google::protobuf::util::TimeUtil::ToString(record.at()),
          KindName(record.kind()),
          record.principal(),
          record.subject().empty() ? record.method() : record.subject(),
          record.rule().empty() ? record.outcome() : record.rule(),
          record.purpose(),
          record.persons().empty() ? "" : std::to_string(record.persons_size()),
          record.times() > 1 ? std::to_string(record.times()) : ""};
}

constexpr size_t kRowsOfTable = 10'000;

Status ListRecords(const ClientOptions& client, v1::ListAuditRecordsRequest request, Output output) {
  TextTable table{
      {"index", "at", "what", "principal", "about", "rule or outcome", "purpose", "persons", "times"}, {}};
  for (uint64_t end = ~uint64_t{0};;) {
    KPR_ASSIGN_OR_RETURN(const auto page, (Ask<v1::Audit>(client, &AuditStub::ListAuditRecords, request)));
    for (const v1::IndexedAuditRecord& indexed : page.records()) {
      if (output == Output::kJson) {
        PrintJsonLine(indexed);
      } else {
        table.rows.push_back(RowOf(indexed));
      }
    }
    // A long log in several tables, so that it need not fit into memory.
    if (output == Output::kTable && table.rows.size() >= kRowsOfTable) {
      Print(table, output);
      table.rows.clear();
    }
    // Each call becomes a record too: only what was there at the first one is listed.
    end = std::min(end, page.size());
    if (page.next() >= end) break;
    if (page.next() == request.from())
      return DataLoss("the server gives no more records, and says that there are");
    request.set_from(page.next());
  }
  if (output != Output::kJson) Print(table, output);
  return {};
}

Status ProveRecord(const ClientOptions& client, uint64_t index, const std::string& folder) {
  v1::ProveAuditRecordRequest request;
  request.set_index(index);
  KPR_ASSIGN_OR_RETURN(const auto proof, (Ask<v1::Audit>(client, &AuditStub::ProveAuditRecord, request)));
  const std::string base = fmt::format("{}/record-{}", folder, index);
  KPR_RETURN_IF_ERROR(WriteFileDurably(base + ".tlog-proof", proof.proof()));
  // What the entry is the SHA-256 of.
  KPR_RETURN_IF_ERROR(WriteFileDurably(base + ".nonce-and-record", proof.nonce() + proof.record(), 0600));
  std::cout << fmt::format("{0}.tlog-proof and {0}.nonce-and-record written; the log's key is {1}\n", base,
                           proof.verifier_key());
  return {};
}

Status VerifyFolder(const std::string& folder, const std::string& key, const std::string& earlier) {
  KPR_ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint, audit::VerifyFiles(folder, key));
  if (!earlier.empty()) {
    KPR_ASSIGN_OR_RETURN(const std::string note, ReadFile(earlier));
    KPR_ASSIGN_OR_RETURN(const audit::Checkpoint before, audit::OpenCheckpoint(note, key));
    KPR_RETURN_IF_ERROR(audit::VerifyContinues(folder, before, checkpoint));
    std::cout << fmt::format("continues the checkpoint of {} entries\n", before.size);
  }
  std::cout << fmt::format("{} entries, all signed for, in the log {}\n", checkpoint.size, checkpoint.origin);
  return {};
}

// Of the node's own log, with its keys: the records too.
Status VerifyOwn(const Config& config) {
  const audit::AuditOptions options = AuditOptionsOf(config, nullptr);
  KPR_ASSIGN_OR_RETURN(const std::string pem, ReadFile(options.signing_key));
  KPR_ASSIGN_OR_RETURN(const auto signing_key, crypto::SigningKey::FromPem(pem));
  const std::string key = audit::VerifierKey(options.origin, signing_key.public_key());
  KPR_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.key_file));
  const auto seal_key = FromHex(text.substr(0, text.find('\n')));
  if (!seal_key) return Invalid(options.key_file + ": expected 64 hexadecimal digits");
  KPR_ASSIGN_OR_RETURN(const std::string mark, ReadFile(options.mark_file));
  KPR_ASSIGN_OR_RETURN(const audit::Checkpoint before, audit::OpenCheckpoint(mark, key));
  KPR_ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint,
                       audit::VerifyFiles(options.folder + "/public", key));
  KPR_RETURN_IF_ERROR(audit::VerifyContinues(options.folder + "/public", before, checkpoint));
  KPR_RETURN_IF_ERROR(audit::VerifyRecords(options.folder, *seal_key, checkpoint));
  std::cout << fmt::format("{} entries, all signed for, each with its record; the log's key is {}\n",
                           checkpoint.size, key);
  return {};
}

std::string KindNames() {
  std::vector<std::string> names;
  const auto* kinds = v1::AuditRecord::Kind_descriptor();
  for (int i = 1; i < kinds->value_count(); ++i) {
    std::string& name = names.emplace_back(kinds->value(i)->name().substr(sizeof("KIND_") - 1));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

void AddList(CommandLine* line, CLI::App* audit) {
  struct Options {
    ClientOptions client;
    v1::ListAuditRecordsRequest request;
    OutputOptions output;
    std::string kind;
  };
  const auto o = std::make_shared<Options>();
  auto* list = line->Add(audit, "list", "what is recorded, oldest first (role auditor)",
                         "kpr audit list --kind persons_read", [=]() -> Status {
                           v1::AuditRecord::Kind kind = v1::AuditRecord::KIND_UNSPECIFIED;
                           std::string name = "KIND_" + o->kind;
                           for (char& c : name)
                             c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
                           if (!o->kind.empty() && !v1::AuditRecord::Kind_Parse(name, &kind))
                             return Invalid("kind: expected one of " + KindNames());
                           o->request.set_kind(kind);
                           return ListRecords(o->client, o->request, OutputOf(o->output));
                         });
  list->add_option_function<uint64_t>(
      "--from", [o](uint64_t from) { o->request.set_from(from); }, "index of the first record");
  list->add_option_function<std::string>(
      "--principal", [o](const std::string& name) { o->request.set_principal(name); }, "only of this one");
  list->add_option("--kind", o->kind, "only of this kind, such as persons_read or call_denied");
  AddOutput(list, &o->output);
  AddClient(list, &o->client);
}

}  // namespace

void AddAuditCommands(CommandLine* line) {
  auto* audit =
      line->app()->add_subcommand("audit", "who has read what, provably complete")->require_subcommand(1);
  AddList(line, audit);

  struct ProveOptions {
    ClientOptions client;
    uint64_t index = 0;
    std::string folder = ".";
  };
  const auto p = std::make_shared<ProveOptions>();
  auto* prove = line->Add(audit, "prove", "a record with the proof that it is in the log (role auditor)",
                          "kpr audit prove 17 --out proofs",
                          [=] { return ProveRecord(p->client, p->index, p->folder); });
  prove->add_option("index", p->index, "of the record")->required();
  prove->add_option("--out", p->folder, "folder for the files")->capture_default_str();
  AddClient(prove, &p->client);

  struct VerifyOptions {
    DataOptions data;
    std::string folder, key, earlier;
  };
  const auto v = std::make_shared<VerifyOptions>();
  auto* verify = line->Add(
      audit, "verify",
      "that nothing was changed, left out or put in: anybody's, of published files; or the node's own",
      "kpr audit verify kpr-data.audit/public --verifier-key kpr.local/audit+...\n  kpr audit verify --data "
      "kpr-data",
      [=]() -> Status {
        if (!v->folder.empty()) return VerifyFolder(v->folder, v->key, v->earlier);
        KPR_ASSIGN_OR_RETURN(const Config config, ConfigOf(v->data));
        return VerifyOwn(config);
      });
  auto* folder = verify->add_option("folder", v->folder, "with checkpoint and tiles");
  auto* key = verify->add_option("--verifier-key", v->key, "the log's public key, NAME+HASH+KEY");
  folder->needs(key);
  verify->add_option("--continues", v->earlier, "an earlier checkpoint, which the log must continue")
      ->needs(folder);
  AddData(verify, &v->data);

  const auto w = std::make_shared<WitnessOptions>();
  auto* witness = line->Add(
      audit, "witness", "have a witness sign the last checkpoint; asked again, it signs what continues it",
      "kpr audit witness kpr-data.audit/public --verifier-key kpr.local/audit+... \\\n    --url "
      "https://witness.example "
      "--witness-key witness.example+...  --out cosigned",
      [=] { return AskWitness(*w); });
  witness->add_option("folder", w->folder, "with checkpoint and tiles")->required();
  witness->add_option("--verifier-key", w->verifier_key, "the log's public key, NAME+HASH+KEY")->required();
  witness->add_option("--url", w->url, "of the witness")->required();
  witness->add_option("--witness-key", w->witness_key, "the witness's public key, NAME+HASH+KEY")->required();
  witness->add_option("--out", w->out, "the signed checkpoint, which the next question continues")
      ->required();
}

}  // namespace kpr
