// kpr push, feedback, quality, gaps and codes: what a sender needs.
#include <fmt/format.h>

#include <iostream>

#include "app/commands/command_line.h"
#include "app/commands/feedback_command.h"
#include "app/commands/indicators_command.h"
#include "ingest/client/push.h"
#include "ingest/feedback/sender_document.h"

namespace kpr {
namespace {

Status RunPush(const PushOptions& push, const Interrupts& interrupts) {
  KPR_ASSIGN_OR_RETURN(const PushResult result, Push(push, interrupts.stop));
  std::cout << fmt::format("{}: {} accepted, {} duplicates, {} refused{}\n", Plural(result.sent, "event"),
                           result.accepted, result.duplicates, result.refused,
                           push.resume ? fmt::format("; {} were there already", result.there) : "");
  if (result.refused > 0)
    return FailedPrecondition(
        fmt::format("{} refused; the reasons are above", Plural(result.refused, "event")));
  return {};
}

void AddPush(CommandLine* line, const Interrupts* interrupts) {
  const auto o = std::make_shared<PushOptions>();
  auto* push = line->Add(line->app(), "push", "send events from files, one sender a file",
                         "kpr push simulated/*.ndjson", [=] { return RunPush(*o, *interrupts); });
  AddClient(push, &o->client);
  push->add_option("files", o->files, "NDJSON (or HIS 1135 XML) files; - is standard input")->required();
  push->add_option("--sender", o->sender, "sender's name; default: the file's name without ending");
  push->add_flag("--his1135", o->his1135, "the files are HIS 1135 messages");
  push->add_flag("--resume", o->resume, "send only what the server says is missing");
  push->add_option("--batch", o->batch_events, "events a batch")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  push->add_option("--parallel", o->parallel, "files at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  push->add_option("--receipts", o->receipts, "append the id of every acknowledged event to this file");
  push->add_option("--give-up", o->give_up_seconds, "seconds without a reachable server")
      ->capture_default_str();
  push->add_flag("!--quiet", o->progress, "no progress");
}

struct SenderOptions {
  ClientOptions client;
  OutputOptions output;
  std::string sender, cursor, municipality, close;
  bool follow = false;
};

void AddFeedback(CommandLine* line, const Interrupts* interrupts) {
  const auto o = std::make_shared<SenderOptions>();
  auto* feedback = line->Add(
      line->app(), "feedback", "findings as they come, one a line", "kpr feedback --sender 0301 --follow",
      [=] { return ShowFeedback(o->client, o->sender, o->cursor, o->follow, interrupts->stop); });
  AddClient(feedback, &o->client);
  feedback->add_option("--sender", o->sender, "on plaintext: whose");
  feedback->add_option("--cursor", o->cursor, "after this item");
  feedback->add_flag("--follow", o->follow, "stay and wait for more");
}

void AddQuality(CommandLine* line) {
  const auto o = std::make_shared<SenderOptions>();
  auto* quality =
      line->Add(line->app(), "quality", "a sender's data-quality report", "kpr quality --sender 0301",
                [=] { return ShowQuality(o->client, o->sender, o->municipality, OutputOf(o->output)); });
  AddClient(quality, &o->client);
  AddOutput(quality, &o->output);
  quality->add_option("--sender", o->sender, "on plaintext: whose");
  quality->add_option("--municipality", o->municipality, "of readers: findings about this municipality");
}

void AddGaps(CommandLine* line) {
  const auto o = std::make_shared<SenderOptions>();
  auto* gaps =
      line->Add(line->app(), "gaps", "what is missing in a sender's chain, or that it never will come",
                "kpr gaps --sender 0301\n  kpr gaps --sender 0301 --close 17-19",
                [=] { return ShowGaps(o->client, o->sender, o->close, OutputOf(o->output)); });
  AddClient(gaps, &o->client);
  AddOutput(gaps, &o->output);
  gaps->add_option("--sender", o->sender, "on plaintext: whose");
  gaps->add_option(
      "--close", o->close,
      "AFTER-BEFORE, sequences of a gap: what is missing between them was never sent or is lost, and "
      "never will come; cannot be undone");
}

void AddCodes(CommandLine* line) {
  line->Add(line->app(), "codes", "facts, refusals and findings with cause and cure, as Markdown",
            "kpr codes > codes.md", []() -> Status {
              DocumentForSenders(&std::cout);
              return {};
            });
}

}  // namespace

void AddSenderCommands(CommandLine* line, Interrupts* interrupts) {
  AddPush(line, interrupts);
  AddFeedback(line, interrupts);
  AddQuality(line);
  AddGaps(line);
  AddCodes(line);
}

}  // namespace kpr
