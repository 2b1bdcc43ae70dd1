// kpr serve, and the commands that work on the data with no server running.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>
#include <thread>

#include "app/commands/command_line.h"
#include "app/offline.h"
#include "app/open_log.h"
#include "app/serve.h"
#include "registry/log_record/copy.h"

namespace kpr {
namespace {

void SetUpLogging(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("kpr");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

struct ServeOptions {
  DataOptions data;
  std::string listen, role;
  bool plaintext = false;
};

Status RunServe(const ServeOptions& o, Interrupts* interrupts) {
  KPR_ASSIGN_OR_RETURN(Config config, ConfigOf(o.data));
  static const std::map<std::string, NodeRole> kRoles = {{"all", NodeRole::kAll},
                                                         {"ingest", NodeRole::kIngest},
                                                         {"registry", NodeRole::kRegistry},
                                                         {"query", NodeRole::kQuery}};
  if (!o.role.empty()) config.role = kRoles.at(o.role);
  if (!o.listen.empty()) config.listen = o.listen;
  if (o.plaintext) config.plaintext_loopback = true;
  SetUpLogging(config.log_level);
  return Serve(
      config, [](int port) { std::cout << "listening on port " << port << std::endl; },
      [&](Running* server) {
        while (!interrupts->stop && server->Failure().ok()) {
          if (interrupts->reload.exchange(false)) server->Reload();
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
      });
}

Status RunLogCopy(const std::string& from, const std::string& to, const std::atomic<bool>& stop) {
  KPR_ASSIGN_OR_RETURN(const Config source, ReadConfig(from));
  KPR_ASSIGN_OR_RETURN(const Config target, ReadConfig(to));
  const std::string key_id = KeyIdOf(source);
  if (target.on_kafka() && key_id.empty()) {
    return Invalid(
        from + ": no pseudonym key at ingest.pseudonym_key: the log on Kafka remembers which one it is of");
  }
  KPR_ASSIGN_OR_RETURN(const auto log, OpenExistingLog(source));
  KPR_ASSIGN_OR_RETURN(const auto copy, OpenLog(target, nullptr, key_id));
  const bool show = isatty(STDERR_FILENO) != 0;
  LogCopyProgress last;
  KPR_RETURN_IF_ERROR(CopyLog(log.get(), copy.get(), stop, [&](const LogCopyProgress& p) {
    last = p;
    if (show)
      std::cerr << fmt::format("\r{} of {} records{}", p.records, p.of, p.verifying ? ", comparing" : "");
  }));
  if (show) std::cerr << '\n';
  std::cout << fmt::format("{} records copied, both logs are the same\n", last.records);
  return {};
}

void AddServe(CommandLine* line, Interrupts* interrupts) {
  const auto o = std::make_shared<ServeOptions>();
  auto* serve =
      line->Add(line->app(), "serve", "run the register: ingest, registry, live indicators",
                "kpr serve --data kpr-data --insecure-loopback", [=] { return RunServe(*o, interrupts); });
  AddData(serve, &o->data);
  serve->add_option("--listen", o->listen, "host:port (server.listen)");
  serve->add_option("--role", o->role, "what this node does (server.role)")
      ->check(CLI::IsMember({"all", "ingest", "registry", "query"}));
  serve->add_flag("--insecure-loopback", o->plaintext, "plaintext and any sender, on loopback only");
}

// A command that gets the configuration its options name.
CLI::App* AddOnData(CommandLine* line, CLI::App* parent, const char* name, const char* what,
                    const char* example, const std::function<Status(const Config&)>& run) {
  const auto o = std::make_shared<DataOptions>();
  auto* command = line->Add(parent, name, what, example, [=]() -> Status {
    KPR_ASSIGN_OR_RETURN(const Config config, ConfigOf(*o));
    return run(config);
  });
  AddData(command, o.get());
  return command;
}

void AddLog(CommandLine* line, const Interrupts* interrupts) {
  auto* log = line->app()->add_subcommand("log", "the event log itself")->require_subcommand(1);
  const auto form = std::make_shared<LogForm>(LogForm::kJson);
  auto* print = AddOnData(line, log, "print", "one record a line (no server running on a local log)",
                          "kpr log print --data kpr-data --ids",
                          [=](const Config& config) { return PrintLog(config, *form); });
  auto* ids = print->add_flag_function(
      "--ids", [=](int64_t) { *form = LogForm::kIds; }, "event ids only");
  print
      ->add_flag_function(
          "--brief", [=](int64_t) { *form = LogForm::kBrief; },
          "partition, offset, event id, sender, sequence, subject")
      ->excludes(ids);

  const auto back = std::make_shared<std::pair<std::string, bool>>();
  auto* set_back =
      AddOnData(line, log, "set-back",
                "set the data's calendar back to a day, where a clock was wrong (no server running)",
                "kpr log set-back 2026-11-25 --data kpr-data", [=](const Config& config) -> Status {
                  const auto day = Date::Parse(back->first);
                  if (!day) return Invalid("day: expected a date YYYY-MM-DD");
                  return SetCalendarBack(config, *day, back->second);
                });
  set_back->add_option("day", back->first, "the day that the data have reached")->required();
  set_back->add_flag("--far", back->second, "also by more than a year");

  const auto ends = std::make_shared<std::pair<std::string, std::string>>();
  auto* copy = line->Add(log, "copy", "move to another log, and verify (no server running on either)",
                         "kpr log copy --from one-machine.toml --to kafka.toml",
                         [=] { return RunLogCopy(ends->first, ends->second, interrupts->stop); });
  copy->add_option("--from", ends->first, "configuration that names the log")->required();
  copy->add_option("--to", ends->second, "configuration that names an empty log")->required();
}

}  // namespace

void AddRegisterCommands(CommandLine* line, Interrupts* interrupts) {
  AddServe(line, interrupts);
  AddOnData(line, line->app(), "verify",
            "hold every cell against a naive batch over the log (no server running)",
            "kpr verify --data kpr-data", VerifyData);
  AddOnData(line, line->app(), "rebuild", "rebuild the registry from the log (no server running)",
            "kpr rebuild --data kpr-data",
            [=](const Config& config) { return RebuildData(config, interrupts->stop); });
  AddOnData(line, line->app(), "scan",
            "look for identity numbers in log and registry; prints where, never what (no server running)",
            "kpr scan --data kpr-data", ScanData);
  AddOnData(line, line->app(), "export", "print every cell (no server running)", "kpr export --data kpr-data",
            ExportData);
  AddLog(line, interrupts);
}

}  // namespace kpr
