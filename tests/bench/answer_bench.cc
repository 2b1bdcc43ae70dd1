// How soon a correction shows, at ten thousand and at three million persons, and how fast the country's ten
// years are answered. Prints rows for docs/performance.md.
//
//   answer_bench corrections DIRECTORY [PERSONS...]
//   answer_bench queries DATA_DIRECTORY [country|municipality|provider]   a register that kpr serve or
//   rebuild has made
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <iostream>

#include "app/serve.h"
#include "indicators/aggregation/cell_updater.h"
#include "indicators/query/query.h"
#include "kpr/v1/log.pb.h"
#include "registry/apply/rebuild.h"
#include "registry/apply/registry.h"
#include "registry/codelists/codelists.h"
#include "registry/event_log/local/local_log.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"
#include "tests/bench/measure.h"

namespace kpr {
namespace {

constexpr uint32_t kPartitions = 4;
constexpr int kCorrections = 1000, kRounds = 5;

// Three events a person: details, a service, a review two years before the end.
class Population {
 public:
  explicit Population(EventLog* log)
      : log_(log), municipalities_(MunicipalitiesOn(Date::FromYmd(2022, 6, 1))) {}

  void Append(uint64_t persons) {
    LogBatch batch;
    for (uint64_t person = 0; person < persons; ++person) {
      v1::Event e = Envelope(person, "2010-01-01");
      e.mutable_person_details()->set_birth_date(
          fmt::format("19{:02}-{:02}-11", 30 + person % 30, 1 + person % 12));
      e.mutable_person_details()->set_sex(person % 2 == 0 ? v1::SEX_FEMALE : v1::SEX_MALE);
      Add(e, &batch);
      e = Envelope(person, fmt::format("20{:02}-{:02}-05", 16 + person % 6, 1 + person % 12));
      e.mutable_service_started()->set_service_id("s");
      e.mutable_service_started()->set_service_type(person % 8 == 0 ? 21 : 15);
      e.mutable_service_started()->set_provider("974760673");
      Add(e, &batch);
      Add(Review(person), &batch);
      if (person % 3000 == 2999 || person + 1 == persons) Send(std::exchange(batch, {}));
    }
    v1::LogRecord tick;
    tick.mutable_tick()->set_horizon_days(Date::FromYmd(2024, 12, 31).days);
    for (uint32_t i = 0; i < kPartitions; ++i) batch.Add(i, tick.SerializeAsString());
    Send(std::move(batch));
  }

  v1::Event Review(uint64_t person) {
    v1::Event e = Envelope(person, "2022-11-20");
    e.mutable_medication_review()->set_kind(person % 8 == 0 ? v1::MedicationReview::KIND_FULL_REVIEW
                                                            : v1::MedicationReview::KIND_RECONCILIATION);
    e.set_event_id(IdOf(person * 4 + 3));
    return e;
  }

  // The review was three months later than told.
  void Correct(uint64_t person) {
    v1::Event e = Review(person);
    e.set_refers_to(e.event_id());
    e.set_event_id(IdOf((uint64_t{1} << 40) + ++corrections_));
    e.set_status(v1::EVENT_STATUS_REPLACE);
    e.set_sequence(1'000'000'000 + corrections_);
    e.set_occurred_on("2022-08-20");
    LogBatch batch;
    Add(e, &batch);
    Send(std::move(batch));
  }

 private:
  static std::string IdOf(uint64_t number) {
    Uuid id;
    std::memcpy(id.bytes.data() + 4, &number, sizeof number);
    return id.ToString();
  }

  v1::Event Envelope(uint64_t person, const std::string& on) {
    v1::Event e;
    e.set_event_id(IdOf(person * 4 + (on == "2010-01-01" ? 1 : 2)));
    e.set_status(v1::EVENT_STATUS_ORIGINAL);
    e.set_sequence(++sequence_);
    e.set_occurred_on(on);
    e.set_municipality(municipalities_[person % municipalities_.size()].ToString());
    SubjectId subject;
    subject.bytes[0] = static_cast<uint8_t>(SubjectKind::kPerson);
    const uint64_t mixed = (person + 1) * 0x9E3779B97F4A7C15ull;
    std::memcpy(subject.bytes.data() + 1, &mixed, sizeof mixed);
    e.mutable_subject()->set_pseudonym(std::string(subject.view()));
    return e;
  }

  void Add(const v1::Event& event, LogBatch* batch) {
    v1::LogRecord record;
    *record.mutable_event() = event;
    record.set_sender("bench");
    batch->Add(PartitionOf(*SubjectOf(event), kPartitions), record.SerializeAsString());
  }

  void Send(LogBatch batch) {
    std::promise<Status> done;
    log_->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
    Must(done.get_future().get());
  }

  EventLog* log_;
  std::vector<Municipality> municipalities_;
  uint64_t sequence_ = 0, corrections_ = 0;
};

void BenchCorrections(const std::string& directory, uint64_t persons) {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const PlanHolder plan(std::move(*LoadPlan({})));
  CellUpdater updater(&plan);
  auto log = OpenLocalLog({directory + "/log", kPartitions, nullptr});
  Must(log.status());
  Population population(log->get());
  population.Append(persons);
  Must(RebuildInto(
      directory + "/registry", log->get(), &updater, [] { return false; }, [](const RebuildProgress&) {}));
  RegistryOptions options;
  options.directory = directory + "/registry";
  auto registry = Registry::Open(options, log->get(), &updater);
  Must(registry.status());
  (*registry)->Start();
  (*registry)->WaitApplied(std::chrono::seconds(60));
  std::vector<double> durable, visible;
  for (int i = 0; i < kCorrections; ++i) {
    const uint64_t person = static_cast<uint64_t>(i) * 7919 % persons;
    const auto began = Steady::now();
    population.Correct(person);
    durable.push_back(Since(began) * 1000);
    bool applied = false;
    while (!applied) {
      applied = true;
      for (uint32_t k = 0; k < kPartitions; ++k)
        applied = applied && (*registry)->store(k)->next_offset() >= (*log)->End(k);
      if (!applied) std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    visible.push_back(Since(began) * 1000);
  }
  (*registry)->Stop();
  std::cout << fmt::format(
                   "| one correction of a two-year-old event, {} persons: sent to visible | p50 {:.1f} ms, "
                   "p99 {:.1f} "
                   "ms (of it durable p50 {:.1f} ms, p99 {:.1f} ms) | p99 10 ms |",
                   persons, Percentile(visible, 0.5), Percentile(visible, 0.99), Percentile(durable, 0.5),
                   Percentile(durable, 0.99))
            << std::endl;
}

void BenchQueries(const std::string& data, const std::string& only) {
  Config config;
  config.directory = data;
  const PlanHolder plan(std::move(*LoadPlan(config)));
  CellUpdater updater(&plan);
  auto log = OpenLocalLog({config.log_directory(), kPartitions, nullptr});
  Must(log.status());
  RegistryOptions options;
  options.directory = config.registry_directory();
  auto registry = Registry::Open(options, log->get(), &updater);
  Must(registry.status());
  const Query query(&plan, registry->get());
  for (const auto& [level, word, name] :
       {std::tuple{v1::LEVEL_MUNICIPALITY, "municipality", "all municipalities"},
        {v1::LEVEL_COUNTRY, "country", "the country"},
        {v1::LEVEL_PROVIDER, "provider", "all providers"}}) {
    if (!only.empty() && only != word) continue;
    std::vector<double> times;
    size_t values = 0;
    for (int round = 0; round < kRounds; ++round) {
      for (const v1::Definition& d : plan.Get()->catalogue.definitions) {
        v1::GetIndicatorValuesRequest request;
        request.set_indicator(d.id());
        request.set_level(level);
        const int year = (*registry)->horizon().year();
        request.set_from_period(std::to_string(year - 9));
        request.set_to_period(std::to_string(year));
        const auto began = Steady::now();
        const auto response = query.Get(request);
        if (!response.ok()) continue;  // not kept by year
        if (round > 0) times.push_back(Since(began) * 1000);
        values += static_cast<size_t>(response->rows.size());
      }
    }
    std::cout << fmt::format(
                     "| indicator x {} x ten years, every indicator, {} values a round | p50 {:.1f} ms, p99 "
                     "{:.1f} ms "
                     "| p99 10 ms |",
                     name, values / kRounds, Percentile(times, 0.5), Percentile(times, 0.99))
              << std::endl;
  }
}

int Main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  if (what == "queries") {
    BenchQueries(argv[2], argc > 3 ? argv[3] : "");
    return 0;
  }
  if (what != "corrections") {
    std::cerr << "usage: answer_bench corrections DIRECTORY [PERSONS...] | queries DATA_DIRECTORY [LEVEL]\n";
    return 2;
  }
  for (int i = 3; i < std::max(argc, 4); ++i)
    BenchCorrections(argv[2], argc > 3 ? std::strtoull(argv[i], nullptr, 10) : 10'000);
  return 0;
}

}  // namespace
}  // namespace kpr

int main(int argc, char** argv) {
  return kpr::Main(argc, argv);
}
