// kpr: the command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 interrupted.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <atomic>
#include <iostream>
#include <thread>

#include "app/config.h"
#include "app/document.h"
#include "app/event_source.h"
#include "app/feedback_command.h"
#include "app/indicators_command.h"
#include "app/log_copy.h"
#include "app/offline.h"
#include "app/open_log.h"
#include "app/push.h"
#include "app/serve.h"
#include "app/simulator/simulate.h"
#include "ingest/his1135/his1135.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr int kFailed = 1, kUsage = 2, kInterrupted = 3;

std::atomic<bool> g_stop = false;    // set by SIGINT and SIGTERM, read by long work
std::atomic<bool> g_reload = false;  // set by SIGHUP

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  return signals;
}

// All threads leave these signals to one that waits for them.
void WatchStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals] {
    for (int signal = 0;;) {
      sigwait(&signals, &signal);
      if (signal == SIGHUP) {
        g_reload = true;
        continue;
      }
      if (g_stop.exchange(true)) _exit(kInterrupted);  // a second one is meant
    }
  }).detach();
}

int Report(const Status& status) {
  if (status.ok()) return 0;
  std::cerr << "kpr: " << status.message() << '\n';
  if (g_stop) return kInterrupted;
  return status.code() == Code::kInvalid ? kUsage : kFailed;
}

void SetUpLogging(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("kpr");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

struct Options {
  std::string config_file, directory, catalogue, listen, role;
  uint32_t partitions = 0;
  bool plaintext = false;
  ClientOptions client;
  bool csv = false, json = false;
  PushOptions push;
  v1::GetRequest get;
  std::string level = "country", unit = "year";
  v1::ExplainRequest explain;
  v1::RevisionsRequest revisions;
  v1::CompareRequest compare;
  std::string sender, cursor;
  bool follow = false, ids = false, brief = false;
  std::string municipalities, from = "2022-01-01", to = "2024-12-31", out = "simulated", format = "ndjson";
  int first_municipalities = 0;
  simulator::Options simulation;
  std::string convert_from, convert_to, copy_from, copy_to;
};

Output OutputOf(const Options& o) {
  return o.json ? Output::kJson : o.csv ? Output::kCsv : Output::kTable;
}

Result<Config> ConfigOf(const Options& o) {
  KPR_ASSIGN_OR_RETURN(Config config, ReadConfig(o.config_file));
  if (!o.directory.empty()) config.directory = o.directory;
  if (!o.catalogue.empty()) config.catalogue = o.catalogue;
  if (!o.listen.empty()) config.listen = o.listen;
  if (o.partitions != 0) config.partitions = o.partitions;
  if (o.plaintext) config.plaintext_loopback = true;
  static const std::map<std::string, Role> kRoles = {
      {"all", Role::kAll}, {"ingest", Role::kIngest}, {"registry", Role::kRegistry}, {"query", Role::kQuery}};
  if (!o.role.empty()) config.role = kRoles.at(o.role);
  return config;
}

Status RunServe(const Options& o) {
  KPR_ASSIGN_OR_RETURN(const Config config, ConfigOf(o));
  SetUpLogging(config.log_level);
  return Serve(
      config, [](int port) { std::cout << "listening on port " << port << std::endl; },
      [](const std::function<void()>& reload) {
        while (!g_stop) {
          if (g_reload.exchange(false)) reload();
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
      });
}

Status PrintCatalogue(const Config& config) {
  KPR_ASSIGN_OR_RETURN(const Plan plan, LoadPlan(config));
  DocumentCatalogue(plan.catalogue, &std::cout);
  return {};
}

LogForm FormOf(const Options& o) {
  return o.ids ? LogForm::kIds : o.brief ? LogForm::kBrief : LogForm::kJson;
}

Status RunLogCopy(const std::string& from, const std::string& to) {
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
  KPR_RETURN_IF_ERROR(CopyLog(log.get(), copy.get(), g_stop, [&](const LogCopyProgress& p) {
    last = p;
    if (show)
      std::cerr << fmt::format("\r{} of {} records{}", p.records, p.of, p.verifying ? ", comparing" : "");
  }));
  if (show) std::cerr << '\n';
  std::cout << fmt::format("{} records copied, both logs are the same\n", last.records);
  return {};
}

template <typename Work>
Status WithConfig(const Options& o, Work work) {
  KPR_ASSIGN_OR_RETURN(const Config config, ConfigOf(o));
  return work(config);
}

Status RunPush(const Options& o) {
  PushOptions push = o.push;
  push.client = o.client;
  KPR_ASSIGN_OR_RETURN(const PushResult result, Push(push, g_stop));
  std::cout << fmt::format("{} events: {} accepted, {} duplicates, {} refused\n", result.sent,
                           result.accepted, result.duplicates, result.refused);
  if (result.refused > 0)
    return Status(Code::kConflict, fmt::format("{} events were refused", result.refused));
  return {};
}

Result<v1::GetRequest> RequestOf(const Options& o) {
  static const std::map<std::string, v1::Level> kLevels = {{"country", v1::COUNTRY},
                                                           {"county", v1::COUNTY},
                                                           {"municipality", v1::MUNICIPALITY},
                                                           {"provider", v1::PROVIDER_LEVEL},
                                                           {"size-group", v1::SIZE_GROUP}};
  static const std::map<std::string, v1::PeriodUnit> kUnits = {
      {"month", v1::MONTH}, {"tertial", v1::TERTIAL}, {"year", v1::YEAR}};
  v1::GetRequest request = o.get;
  if (!kLevels.contains(o.level))
    return Invalid("--level: expected country, county, municipality, provider or size-group");
  if (!kUnits.contains(o.unit)) return Invalid("--unit: expected month, tertial or year");
  request.set_level(kLevels.at(o.level));
  request.set_unit(kUnits.at(o.unit));
  return request;
}

Result<simulator::Options> SimulationOf(const Options& o) {
  simulator::Options simulation = o.simulation;
  const auto from = Date::Parse(o.from), to = Date::Parse(o.to);
  if (!from || !to || *from > *to)
    return Invalid("--from, --to: expected two dates YYYY-MM-DD, the first not after the last");
  simulation.from = *from;
  simulation.to = *to;
  for (size_t at = 0; at < o.municipalities.size(); at += 5) {
    const auto code = Municipality::Parse(o.municipalities.substr(at, 4));
    if (!code || MunicipalityOn(*code, *to) != CodeValidity::kInForce) {
      return Invalid(fmt::format("--municipalities: '{}' is not a municipality on {}",
                                 o.municipalities.substr(at, 4), o.to));
    }
    simulation.municipalities.push_back(*code);
  }
  if (simulation.municipalities.empty()) simulation.municipalities = MunicipalitiesOn(*to);
  if (o.first_municipalities > 0) {
    simulation.municipalities.resize(
        std::min<size_t>(simulation.municipalities.size(), static_cast<size_t>(o.first_municipalities)));
  }
  return simulation;
}

Status RunSimulate(const Options& o) {
  KPR_ASSIGN_OR_RETURN(const simulator::Options simulation, SimulationOf(o));
  if (o.format != "ndjson" && o.format != "his1135") return Invalid("--format: expected ndjson or his1135");
  const auto format = o.format == "ndjson" ? simulator::Format::kNdjson : simulator::Format::kHis1135;
  const bool show = isatty(STDERR_FILENO) != 0;
  simulator::Progress last;
  KPR_RETURN_IF_ERROR(simulator::Simulate(
      simulation, format, o.out, [] { return g_stop.load(); },
      [&](const simulator::Progress& p) {
        last = p;
        if (show)
          std::cerr << fmt::format("\r{}/{} municipalities, {} events", p.municipalities, p.of, p.events);
      }));
  if (show) std::cerr << '\n';
  std::cout << fmt::format("{} events of {} municipalities in {}\n", last.events, last.municipalities, o.out);
  return {};
}

// HIS 1135 to NDJSON or back to the same message.
Status RunConvert(const Options& o) {
  if (o.convert_to == "ndjson") {
    return ReadHis1135(o.convert_from, [](const v1::Event& event) -> Status {
      std::cout << ToNdjson(event) << '\n';
      return std::cout ? Status() : Unavailable("standard output: cannot be written");
    });
  }
  if (o.convert_to != "his1135") return Invalid("--to: expected ndjson or his1135");
  KPR_ASSIGN_OR_RETURN(const his1135::Check check, his1135::CheckFile(o.convert_from));
  if (check.deleted) return Invalid(o.convert_from + ": the message is marked deleted");
  his1135::Writer writer(&std::cout, check.header);
  KPR_RETURN_IF_ERROR(
      his1135::ReadEvents(o.convert_from, check, [&](const v1::Event& event) { return writer.Add(event); }));
  writer.Finish();
  return {};
}

void AddData(CLI::App* command, Options* o) {
  command->add_option("--config", o->config_file, "TOML file; deploy/kpr.toml describes every option");
  command->add_option("--data", o->directory, "data directory (data.directory)");
  command->add_option("--partitions", o->partitions, "of a new log (data.partitions)");
  command->add_option("--catalogue", o->catalogue, "folder of indicator definitions (indicators.catalogue)");
}

void AddClient(CLI::App* command, Options* o) {
  command->add_option("--server", o->client.server, "host:port")->capture_default_str();
  command->add_option("--ca", o->client.ca, "authority of the server's certificate; none: plaintext");
  command->add_option("--cert", o->client.certificate, "own certificate");
  command->add_option("--key", o->client.private_key, "own private key");
}

void AddOutput(CLI::App* command, Options* o) {
  auto* csv = command->add_flag("--csv", o->csv, "comma-separated values");
  command->add_flag("--json", o->json, "JSON")->excludes(csv);
}

// The version of the definition and the moment of the register.
void AddPast(CLI::App* command, Options* o) {
  command->add_option_function<uint32_t>(
      "--definition",
      [o](uint32_t version) {
        o->get.set_version(version);
        o->explain.set_version(version);
      },
      "version of the definition; default: the newest that is computed");
  command->add_option_function<std::string>(
      "--as-of",
      [o](const std::string& day) {
        o->get.set_as_of(day);
        o->explain.set_as_of(day);
      },
      "as known at the end of this day, YYYY-MM-DD");
  command
      ->add_option_function<std::string>(
          "--at-position",
          [o](const std::string& text) {
            for (size_t at = 0; at < text.size();) {
              size_t used = 0;
              const uint64_t position = std::stoull(text.substr(at), &used);
              o->get.add_at_position(position);
              o->explain.add_at_position(position);
              at += used + 1;
            }
          },
          "as known at this log position, as answers show it: 120/118/131/99")
      ->check(CLI::Validator(
          [](std::string& text) {
            const bool ok = text.find_first_not_of("0123456789/") == std::string::npos && !text.empty() &&
                            text.front() != '/' && text.find("//") == std::string::npos && text.size() < 1000;
            return ok ? "" : std::string("expected numbers with / between");
          },
          "POSITION"));
}

void AddSelection(CLI::App* command, Options* o) {
  command
      ->add_option_function<std::string>(
          "indicator", [o](const std::string& id) { o->get.set_indicator(id); }, "id, see list")
      ->required();
  command->add_option_function<std::string>(
      "--from", [o](const std::string& p) { o->get.set_from_period(p); }, "2024, 2024-T1 or 2024-02");
  command->add_option_function<std::string>(
      "--to", [o](const std::string& p) { o->get.set_to_period(p); }, "last period; default: --from");
  command->add_option("--unit", o->unit, "without --from: the last twelve months, tertials or years")
      ->capture_default_str();
  command->add_option("--level", o->level, "country, county, municipality, provider or size-group")
      ->capture_default_str();
  command->add_option_function<std::vector<std::string>>(
      "--area",
      [o](const std::vector<std::string>& areas) {
        o->get.mutable_areas()->Assign(areas.begin(), areas.end());
      },
      "numbers; default: all");
  AddPast(command, o);
  command->add_option_function<uint32_t>(
      "--structure-year", [o](uint32_t year) { o->get.set_structure_year(year); },
      "show all periods in the municipalities and counties of this year");
  command
      ->add_option_function<std::string>(
          "--undeclared",
          [o](const std::string& rule) {
            o->get.set_undeclared(rule == "leave-out"       ? v1::LEAVE_OUT
                                  : rule == "carry-forward" ? v1::CARRY_FORWARD
                                                            : v1::INCLUDE);
          },
          "municipalities that have not declared the period complete: include, leave-out or carry-forward")
      ->check(CLI::IsMember({"include", "leave-out", "carry-forward"}));
  command->add_flag_function(
      "--by-sex", [o](int64_t) { o->get.set_by_sex(true); }, "a row for each sex");
  command->add_flag_function(
      "--by-age", [o](int64_t) { o->get.set_by_age(true); }, "a row for each age band");
}

template <typename Request>
void AddFigure(CLI::App* command, Request* request) {
  command
      ->add_option_function<std::string>(
          "indicator", [request](const std::string& id) { request->set_indicator(id); }, "id, see list")
      ->required();
  command
      ->add_option_function<std::string>(
          "--period", [request](const std::string& p) { request->set_period(p); }, "2024, 2024-T1 or 2024-02")
      ->required();
  command->add_option_function<uint32_t>(
      "--definition", [request](uint32_t version) { request->set_version(version); },
      "version of the definition; default: the newest that is computed");
}

void AddSimulation(CLI::App* command, Options* o) {
  auto& mess = o->simulation.mess;
  command->add_option("--seed", o->simulation.seed, "the same seed and options give the same bytes")
      ->capture_default_str();
  command->add_option("--from", o->from, "first day")->capture_default_str();
  command->add_option("--to", o->to, "last day")->capture_default_str();
  command->add_option("--municipalities", o->municipalities,
                      "four-digit codes in force on the last day, with commas; default: all");
  command->add_option("--first", o->first_municipalities, "only the first so many municipalities");
  command->add_option("--scale", o->simulation.scale, "1 is the country's size")
      ->capture_default_str()
      ->check(CLI::Range(0.0001, 10.0));
  command->add_option("--format", o->format, "ndjson or his1135 (service events only)")
      ->capture_default_str();
  command->add_flag("--his1135-facts", o->simulation.his1135_facts_only,
                    "only facts that HIS 1135 can carry");
  command->add_option("--out", o->out, "folder; one file per municipality")->capture_default_str();
  for (const auto& [name, rate, what] :
       {std::tuple{"--corrected", &mess.corrected, "share told wrong first, then replaced"},
        {"--annulled", &mess.annulled, "share that never was, then annulled"},
        {"--late", &mess.late, "share told weeks late"},
        {"--duplicated", &mess.duplicated, "share sent twice"},
        {"--lost", &mess.lost, "share never sent: gaps in the chain"},
        {"--renumbered", &mess.renumbered, "share of persons whose number changes"}}) {
    command->add_option(name, *rate, what)->capture_default_str()->check(CLI::Range(0.0, 1.0));
  }
}

int Main(int argc, char** argv) {
  Options o;
  std::function<Status()> work;
  CLI::App app{"kpr: a national register of municipal care and its quality indicators", "kpr"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "kpr 0.1.0");
  const auto command = [&](CLI::App* parent, const char* name, const char* what, const char* example,
                           std::function<Status()> run) {
    CLI::App* sub = parent->add_subcommand(name, what);
    sub->footer(fmt::format("Example:\n  {}", example));
    sub->callback([&work, run] { work = run; });
    return sub;
  };

  auto* serve = command(&app, "serve", "run the register: ingest, registry, live indicators",
                        "kpr serve --data kpr-data --insecure-loopback", [&] { return RunServe(o); });
  AddData(serve, &o);
  serve->add_option("--listen", o.listen, "host:port (server.listen)");
  serve->add_option("--role", o.role, "what this node does (server.role)")
      ->check(CLI::IsMember({"all", "ingest", "registry", "query"}));
  serve->add_flag("--insecure-loopback", o.plaintext, "plaintext and any sender, on loopback only");

  auto* simulate =
      command(&app, "simulate", "write the events of a synthetic country",
              "kpr simulate --first 5 --scale 0.1 --out simulated", [&] { return RunSimulate(o); });
  AddSimulation(simulate, &o);

  auto* push = command(&app, "push", "send events from files, one sender a file",
                       "kpr push simulated/*.ndjson", [&] { return RunPush(o); });
  AddClient(push, &o);
  push->add_option("files", o.push.files, "NDJSON (or HIS 1135 XML) files; - is standard input")->required();
  push->add_option("--sender", o.push.sender, "sender's name; default: the file's name without ending");
  push->add_flag("--his1135", o.push.his1135, "the files are HIS 1135 messages");
  push->add_flag("--resume", o.push.resume, "go on after what the server has");
  push->add_option("--batch", o.push.batch_events, "events a batch")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  push->add_option("--parallel", o.push.parallel, "files at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  push->add_option("--receipts", o.push.receipts, "append the id of every acknowledged event to this file");
  push->add_option("--give-up", o.push.give_up_seconds, "seconds without a reachable server")
      ->capture_default_str();
  push->add_flag("!--quiet", o.push.progress, "no progress");

  auto* convert = command(&app, "convert", "HIS 1135 to NDJSON, or read and written back",
                          "kpr convert --to ndjson message.xml", [&] { return RunConvert(o); });
  convert->add_option("file", o.convert_from, "HIS 1135 message")->required();
  convert->add_option("--to", o.convert_to, "ndjson or his1135")->required();

  auto* feedback =
      command(&app, "feedback", "findings as they come, one a line", "kpr feedback --sender 0301 --follow",
              [&] { return ShowFeedback(o.client, o.sender, o.cursor, o.follow, g_stop); });
  AddClient(feedback, &o);
  feedback->add_option("--sender", o.sender, "on plaintext: whose");
  feedback->add_option("--cursor", o.cursor, "after this item");
  feedback->add_flag("--follow", o.follow, "stay and wait for more");

  auto* quality = command(&app, "quality", "a sender's data-quality report", "kpr quality --sender 0301",
                          [&] { return ShowQuality(o.client, o.sender, OutputOf(o)); });
  AddClient(quality, &o);
  AddOutput(quality, &o);
  quality->add_option("--sender", o.sender, "on plaintext: whose");

  auto* indicators = app.add_subcommand("indicators", "live indicator values")->require_subcommand(1);
  auto* list = command(indicators, "list", "the catalogue", "kpr indicators list",
                       [&] { return ListIndicators(o.client, OutputOf(o)); });
  auto* get =
      command(indicators, "get", "values of one indicator",
              "kpr indicators get medication_review --level municipality --from 2024", [&]() -> Status {
                KPR_ASSIGN_OR_RETURN(const v1::GetRequest request, RequestOf(o));
                return GetIndicator(o.client, request, OutputOf(o));
              });
  auto* watch = command(indicators, "watch", "values now and each time they change",
                        "kpr indicators watch occupancy --unit month", [&]() -> Status {
                          KPR_ASSIGN_OR_RETURN(const v1::GetRequest request, RequestOf(o));
                          return WatchIndicator(o.client, request, OutputOf(o), g_stop);
                        });
  auto* explain = command(indicators, "explain", "the subjects and events behind one figure",
                          "kpr indicators explain medication_review --period 2024 --area 0301",
                          [&] { return ExplainIndicator(o.client, o.explain, OutputOf(o)); });
  auto* revisions =
      command(indicators, "revisions", "how one figure has changed from day to day, and by what",
              "kpr indicators revisions medication_review --period 2024 --area 0301",
              [&] { return ShowRevisions(o.client, o.revisions, OutputOf(o)); });
  auto* compare = command(indicators, "compare", "municipalities on a funnel: what stands out beyond chance",
                          "kpr indicators compare medication_review --period 2024",
                          [&] { return CompareMunicipalities(o.client, o.compare, OutputOf(o)); });
  auto* document = command(indicators, "document", "the catalogue in words, as Markdown",
                           "kpr indicators document --catalogue my-catalogue > indicators.md",
                           [&] { return WithConfig(o, PrintCatalogue); });
  AddData(document, &o);
  for (CLI::App* sub : {list, get, watch, explain, revisions, compare}) {
    AddClient(sub, &o);
    AddOutput(sub, &o);
  }
  AddSelection(get, &o);
  AddSelection(watch, &o);
  explain
      ->add_option_function<std::string>(
          "indicator", [&](const std::string& id) { o.explain.set_indicator(id); }, "id")
      ->required();
  explain
      ->add_option_function<std::string>(
          "--period", [&](const std::string& p) { o.explain.set_period(p); }, "2024, 2024-T1 or 2024-02")
      ->required();
  explain->add_option_function<std::string>(
      "--area", [&](const std::string& a) { o.explain.set_area(a); },
      "county, municipality or provider; default: the country");
  AddPast(explain, &o);
  AddFigure(revisions, &o.revisions);
  revisions->add_option_function<std::string>(
      "--area", [&](const std::string& a) { o.revisions.set_area(a); },
      "county, municipality or provider; default: the country");
  AddFigure(compare, &o.compare);
  compare->add_option_function<std::vector<std::string>>(
      "--area",
      [&](const std::vector<std::string>& areas) {
        o.compare.mutable_areas()->Assign(areas.begin(), areas.end());
      },
      "municipalities shown; default: all");
  compare->add_option_function<uint32_t>(
      "--structure-year", [&](uint32_t year) { o.compare.set_structure_year(year); },
      "in the municipalities of this year");
  explain->add_option_function<uint32_t>(
      "--limit", [&](uint32_t n) { o.explain.set_limit(n); }, "subjects shown");

  auto* status = command(&app, "status", "how the register stands", "kpr status",
                         [&] { return ShowStatus(o.client, OutputOf(o)); });
  AddClient(status, &o);
  AddOutput(status, &o);

  auto* verify =
      command(&app, "verify", "hold every cell against a naive batch over the log (no server running)",
              "kpr verify --data kpr-data", [&] { return WithConfig(o, VerifyData); });
  auto* rebuild = command(
      &app, "rebuild", "make the registry anew from the log (no server running)",
      "kpr rebuild --data kpr-data",
      [&] { return WithConfig(o, [](const Config& config) { return RebuildData(config, g_stop); }); });
  auto* log = app.add_subcommand("log", "the event log itself")->require_subcommand(1);
  auto* print = command(
      log, "print", "one record a line (no server running on a local log)",
      "kpr log print --data kpr-data --ids",
      [&] { return WithConfig(o, [&](const Config& config) { return PrintLog(config, FormOf(o)); }); });
  auto* ids = print->add_flag("--ids", o.ids, "event ids only");
  print->add_flag("--brief", o.brief, "partition, offset, event id, sender, sequence, subject")
      ->excludes(ids);
  auto* copy = command(log, "copy", "move to another log, and verify (no server running on either)",
                       "kpr log copy --from one-machine.toml --to kafka.toml",
                       [&] { return RunLogCopy(o.copy_from, o.copy_to); });
  copy->add_option("--from", o.copy_from, "configuration that names the log")->required();
  copy->add_option("--to", o.copy_to, "configuration that names an empty log")->required();
  auto* exported = command(&app, "export", "print every cell (no server running)",
                           "kpr export --data kpr-data", [&] { return WithConfig(o, ExportData); });
  for (CLI::App* sub : {verify, rebuild, print, exported}) AddData(sub, &o);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  WatchStopSignals();
  return Report(work());
}

}  // namespace
}  // namespace kpr

int main(int argc, char** argv) {
  return kpr::Main(argc, argv);
}
