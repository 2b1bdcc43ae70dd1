#include "app/offline.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <iostream>

#include "app/data_folders.h"
#include "app/open_log.h"
#include "app/serve.h"
#include "base/ids.h"
#include "indicators/aggregation/cell_updater.h"
#include "indicators/aggregation/export.h"
#include "indicators/reference/verify.h"
#include "registry/apply/rebuild.h"
#include "registry/apply/registry.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"
#include "registry/log_record/scan.h"
#include "registry/pseudonym/identity_number.h"

namespace kpr {
namespace {

struct Opened {
  std::unique_ptr<PlanHolder> plan;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<CellUpdater> updater;
  std::unique_ptr<Registry> registry;
  PartitionReaders stores;
};

// A query node's replicas as they are; they follow the log only while it runs.
Status OpenReplicas(const Config& config, Opened* opened) {
  for (uint32_t i = 0; i < config.partitions; ++i) {
    KPR_ASSIGN_OR_RETURN(auto store, OpenPartitionStore(PartitionDirectory(config.registry_directory(), i)));
    if (const uint64_t end = opened->log->End(i); store->next_offset() != end) {
      return FailedPrecondition(
          fmt::format("partition {} is at {} of {}: start the node and wait until it is not behind", i,
                      store->next_offset(), end));
    }
    opened->stores.push_back(std::move(store));
  }
  return {};
}

// Log and registry, the registry brought up to the log's end.
Result<std::unique_ptr<Opened>> OpenAll(const Config& config) {
  auto opened = std::make_unique<Opened>();
  KPR_RETURN_IF_ERROR(UseCodeListsOfRegister(config.code_lists));
  KPR_ASSIGN_OR_RETURN(Plan plan, LoadPlan(config));
  opened->plan = std::make_unique<PlanHolder>(std::move(plan));
  KPR_ASSIGN_OR_RETURN(opened->log, OpenExistingLog(config));
  if (config.role == NodeRole::kQuery) {
    KPR_RETURN_IF_ERROR(OpenReplicas(config, opened.get()));
    return opened;
  }
  if (config.role != NodeRole::kAll) {
    return Invalid(
        "server.role: a worker has a share of the register and an ingest node none; do this on a query "
        "node");
  }
  opened->updater = std::make_unique<CellUpdater>(opened->plan.get());
  RegistryOptions options;
  options.directory = config.registry_directory();
  options.partition.on_damage = [](uint32_t partition, const Status& why) {
    std::cerr << fmt::format("partition {} is damaged, set aside and filled from the log: {}\n", partition,
                             why.message());
  };
  KPR_ASSIGN_OR_RETURN(opened->registry, Registry::Open(options, opened->log.get(), opened->updater.get()));
  opened->registry->Start();
  std::cerr << "bringing the registry up to the end of the log\n";
  while (!opened->registry->WaitApplied(std::chrono::seconds(1)) ||
         !opened->registry->WaitComplete(std::chrono::seconds(1))) {
    for (uint32_t i = 0; i < opened->registry->partitions(); ++i)
      KPR_RETURN_IF_ERROR(opened->registry->error(i));
  }
  opened->registry->Stop();
  for (uint32_t i = 0; i < opened->registry->partitions(); ++i)
    opened->stores.push_back(opened->registry->store(i));
  return opened;
}

// The one of the event's subjects that lives in the partition.
std::string SubjectIn(const v1::Event& event, uint32_t partition, uint32_t partitions) {
  const auto timelines = TimelinesOf(event);
  if (!timelines.ok()) return "-";
  for (const SubjectId& subject : *timelines) {
    if (PartitionOf(subject, partitions) == partition) return subject.ToHex();
  }
  return "-";
}

constexpr uint64_t kShownPlaces = 20;
constexpr std::pair<Table, const char*> kTables[] = {
    {Table::kTimelines, "timelines"}, {Table::kCells, "cells"},
    {Table::kTotals, "totals"},       {Table::kDayBoundaries, "day_boundaries"},
    {Table::kFindings, "findings"},   {Table::kFeedback, "feedback"},
    {Table::kOutbox, "outbox"},       {Table::kQuarantine, "quarantine"}};

}  // namespace

Status VerifyData(const Config& config) {
  KPR_ASSIGN_OR_RETURN(const auto opened, OpenAll(config));
  VerifyOptions options;
  options.progress = [](const std::string& step) { std::cerr << step << '\n'; };
  options.progress("recomputing every version from the events");
  KPR_ASSIGN_OR_RETURN(const Verification found,
                       Verify(opened->log.get(), opened->stores, *opened->plan->Get(), options));
  for (const std::string& difference : found.differences) std::cout << difference << '\n';
  if (!found.differences.empty()) {
    return DataLoss(
        fmt::format("the registry differs from the batch over {} events; run 'kpr rebuild' to recreate it",
                    found.events));
  }
  std::cout << fmt::format("{} versions equal the naive batch over {} log events\n", found.cells,
                           found.events);
  return {};
}

Status RebuildData(const Config& config, const std::atomic<bool>& stop) {
  namespace fs = std::filesystem;
  KPR_RETURN_IF_ERROR(UseCodeListsOfRegister(config.code_lists));
  KPR_ASSIGN_OR_RETURN(Plan loaded, LoadPlan(config));
  const PlanHolder plan(std::move(loaded));
  KPR_ASSIGN_OR_RETURN(const auto log, OpenExistingLog(config));
  CellUpdater updater(&plan);
  const std::string fresh = config.registry_directory() + ".new", old = config.registry_directory() + ".old";
  std::error_code error;
  fs::remove_all(fresh, error);
  fs::remove_all(old, error);
  const bool show = isatty(STDERR_FILENO) != 0;
  RebuildProgress last;
  const Status built = RebuildInto(
      fresh, log.get(), &updater, [&] { return stop.load(); },
      [&](const RebuildProgress& p) {
        last = p;
        if (show) std::cerr << fmt::format("\r{} records read, {} subjects computed", p.records, p.subjects);
      });
  if (!built.ok()) {
    fs::remove_all(fresh, error);  // of no use, and as large as the registry
    return built;
  }
  std::cerr << fmt::format("{}{} records read, {} subjects computed\n", show ? "\r" : "", last.records,
                           last.subjects);
  if (fs::exists(config.registry_directory())) fs::rename(config.registry_directory(), old, error);
  if (!error) fs::rename(fresh, config.registry_directory(), error);
  if (error) return Unavailable(fmt::format("{}: {}", config.registry_directory(), error.message()));
  fs::remove_all(old, error);
  return {};
}

// The day that ticks have reached, over all partitions.
static Result<Date> HorizonOf(EventLog* log) {
  Date horizon;
  for (uint32_t i = 0; i < log->partitions(); ++i) {
    Date reached;
    KPR_RETURN_IF_ERROR(ScanRecords(log, i, log->End(i), [&](uint64_t, const v1::LogRecord* record) {
      if (record == nullptr || !record->has_tick()) return;
      const Date day{record->tick().horizon_days()};
      reached = record->tick().set_back() ? std::min(reached, day) : std::max(reached, day);
    }));
    horizon = std::max(horizon, reached);
  }
  return horizon;
}

Status SetCalendarBack(const Config& config, Date day, bool far) {
  constexpr int32_t kFarDays = 366;
  KPR_ASSIGN_OR_RETURN(const auto log, OpenExistingLog(config));
  KPR_ASSIGN_OR_RETURN(const Date horizon, HorizonOf(log.get()));
  if (day >= horizon)
    return Invalid(fmt::format("day: the data have reached {}; expected an earlier day", horizon.ToString()));
  if (!far && horizon - day > kFarDays)
    return Invalid(fmt::format(
        "day: {} is {} days before {}, which the data have reached, and cannot be taken back. If that is "
        "meant, add --far",
        day.ToString(), horizon - day, horizon.ToString()));
  v1::LogRecord record;
  record.mutable_tick()->set_horizon_days(day.days);
  record.mutable_tick()->set_set_back(true);
  LogBatch batch;
  for (uint32_t i = 0; i < log->partitions(); ++i) batch.Add(i, record.SerializeAsString());
  std::promise<Status> durable;
  log->Append(std::move(batch), [&](const Status& status) { durable.set_value(status); });
  KPR_RETURN_IF_ERROR(durable.get_future().get());
  std::cout << fmt::format("the calendar is set back from {} to {}, and moves on from there\n",
                           horizon.ToString(), day.ToString());
  return {};
}

Status PrintLog(const Config& config, LogForm form) {
  KPR_ASSIGN_OR_RETURN(const auto log, OpenExistingLog(config));
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  const auto print = [&](uint32_t partition, uint64_t offset, const v1::LogRecord& record) {
    const v1::Event& event = record.event();
    if (form == LogForm::kIds) {
      if (record.has_event()) std::cout << event.event_id() << '\n';
    } else if (form == LogForm::kBrief) {
      if (!record.has_event()) return;
      std::cout << partition << ' ' << offset << ' ' << event.event_id() << ' ' << record.sender() << ' '
                << event.sequence() << ' ' << SubjectIn(event, partition, log->partitions()) << '\n';
    } else {
      std::string line;
      if (google::protobuf::util::MessageToJsonString(record, &line, json).ok()) std::cout << line << '\n';
    }
  };
  for (uint32_t i = 0; i < log->partitions(); ++i) {
    KPR_RETURN_IF_ERROR(
        ScanRecords(log.get(), i, log->End(i), [&](uint64_t offset, const v1::LogRecord* record) {
          if (record != nullptr) return print(i, offset, *record);
          std::cerr << fmt::format("partition {} offset {}: bytes that are no record\n", i, offset);
        }));
  }
  return {};
}

Status ScanData(const Config& config) {
  KPR_ASSIGN_OR_RETURN(const auto opened, OpenAll(config));
  EventLog* log = opened->log.get();
  uint64_t scanned = 0, found = 0;
  const auto scan = [&](std::string_view bytes, const auto& place) {
    ++scanned;
    if (!FindIdentityNumber(bytes)) return;
    if (++found <= kShownPlaces) std::cout << place() << '\n';
  };
  for (uint32_t stream = 0; stream <= log->partitions(); ++stream) {
    const std::string name =
        stream == log->senders_stream() ? "senders" : fmt::format("partition {}", stream);
    KPR_RETURN_IF_ERROR(
        ScanStream(log, stream, log->End(stream), [&](uint64_t offset, std::string_view bytes) {
          scan(bytes, [&] { return fmt::format("log {} offset {}", name, offset); });
          return Status();
        }));
  }
  for (size_t i = 0; i < opened->stores.size(); ++i) {
    for (const auto& entry : kTables) {
      KPR_RETURN_IF_ERROR(
          opened->stores[i]->Scan(entry.first, "", [&](std::string_view key, std::string_view value) {
            const auto place = [&] {
              return fmt::format("registry partition {} {} key {}", i, entry.second, ToHex(key));
            };
            scan(key, place);
            scan(value, place);
            return true;
          }));
    }
  }
  if (found > 0)
    return DataLoss(fmt::format("{} of {} entries hold an identity number: tell the data protection officer",
                                found, scanned));
  std::cout << fmt::format("no identity number in {} entries of log and registry\n", scanned);
  return {};
}

Status ExportData(const Config& config) {
  KPR_ASSIGN_OR_RETURN(const auto opened, OpenAll(config));
  KPR_ASSIGN_OR_RETURN(const auto cells, ExportCells(opened->stores));
  for (const auto& [key, text] : cells)
    std::cout << ToHex(key) << ' ' << DescribeCell(key, opened->plan->Get()->catalogue) << ' ' << text
              << '\n';
  KPR_ASSIGN_OR_RETURN(const auto findings, ExportFindings(opened->stores));
  for (const std::string& finding : findings) std::cout << "finding " << ToHex(finding) << '\n';
  return {};
}

}  // namespace kpr
