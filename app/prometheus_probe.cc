#include "app/prometheus_probe.h"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "base/mutex.h"

namespace kpr {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                          0.25,  0.5,    1,     2.5,  5,     10};

// Read from the register at each scrape.
class LiveGauges : public prometheus::Collectable {
 public:
  LiveGauges(std::function<PrometheusProbe::Progress()> progress, const EventLog* log,
             const SpaceGuard* guard)
      : progress_(std::move(progress)), log_(log), guard_(guard) {}

  // Waits for a scrape that is under way.
  void Stop() {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    const MutexLock lock(mutex_);
    if (stopped_) return {};
    const PrometheusProbe::Progress progress = progress_();
    const auto number = [](auto n) { return static_cast<double>(n); };
    return {Gauge("kpr_partitions", "Partitions that this node holds", number(progress.partitions)),
            Gauge("kpr_log_records", "Records in their event partitions of the log",
                  number(progress.log_records)),
            Gauge("kpr_apply_lag_records", "Durable records that this node has not applied",
                  number(progress.log_records) - number(progress.applied)),
            Gauge("kpr_apply_failing_partitions", "Partitions that stand still with an error",
                  number(progress.failing)),
            Gauge("kpr_quarantined_records", "Log records that could not be applied",
                  number(progress.quarantined)),
            Gauge("kpr_backup_failing_partitions", "Partitions whose last backup failed",
                  number(progress.backups_failing)),
            Gauge("kpr_disk_free_bytes", "Free bytes where the data live",
                  static_cast<double>(guard_->FreeBytes())),
            Gauge("kpr_accepting", "1 while the log takes events", log_->Accepting().ok() ? 1 : 0),
            Gauge("kpr_horizon_days", "The data's calendar day, days since 1970-01-01",
                  number(progress.horizon_days))};
  }

 private:
  static prometheus::MetricFamily Gauge(const char* name, const char* help, double value) {
    prometheus::MetricFamily family{name, help, prometheus::MetricType::Gauge, {}};
    family.metric.emplace_back().gauge.value = value;
    return family;
  }
  const std::function<PrometheusProbe::Progress()> progress_;
  const EventLog* log_;
  const SpaceGuard* guard_;
  mutable Mutex mutex_;  // held while the above are used
  bool stopped_ KPR_GUARDED_BY(mutex_) = false;
};

}  // namespace

struct PrometheusProbe::Series {
  std::unique_ptr<prometheus::Exposer> exposer;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& events =
      BuildCounter().Name("kpr_ingest_events_total").Help("Events by outcome").Register(*registry);
  prometheus::Counter& accepted = events.Add({{"outcome", "accepted"}});
  prometheus::Counter& duplicate = events.Add({{"outcome", "duplicate"}});
  prometheus::Counter& refused = events.Add({{"outcome", "refused"}});
  prometheus::Counter& bytes = BuildCounter()
                                   .Name("kpr_ingest_bytes_total")
                                   .Help("Bytes of batches received")
                                   .Register(*registry)
                                   .Add({});
  prometheus::Counter& throttled = BuildCounter()
                                       .Name("kpr_ingest_throttled_total")
                                       .Help("Batches answered with RETRY_LATER")
                                       .Register(*registry)
                                       .Add({});
  prometheus::Counter& calls_refused = BuildCounter()
                                           .Name("kpr_calls_refused_total")
                                           .Help("Calls of unentitled callers")
                                           .Register(*registry)
                                           .Add({});
  prometheus::Gauge& streams =
      BuildGauge().Name("kpr_ingest_streams").Help("Open submit streams").Register(*registry).Add({});
  prometheus::Histogram& durable_seconds = BuildHistogram()
                                               .Name("kpr_ingest_durable_seconds")
                                               .Help("From a batch read to its events durable")
                                               .Register(*registry)
                                               .Add({}, kSeconds);
  prometheus::Counter& applied =
      BuildCounter().Name("kpr_apply_records_total").Help("Log records applied").Register(*registry).Add({});
  prometheus::Histogram& apply_seconds = BuildHistogram()
                                             .Name("kpr_apply_batch_seconds")
                                             .Help("Time to apply one slice of the log")
                                             .Register(*registry)
                                             .Add({}, kSeconds);
  prometheus::Family<prometheus::Counter>& scrubbed =
      BuildCounter()
          .Name("kpr_scrubbed_partitions_total")
          .Help("Partitions compared with the log, by outcome")
          .Register(*registry);
  prometheus::Counter& scrubbed_equal = scrubbed.Add({{"outcome", "equal"}});
  prometheus::Counter& scrubbed_rebuilt = scrubbed.Add({{"outcome", "rebuilt"}});
  prometheus::Counter& scrubbed_failed = scrubbed.Add({{"outcome", "failed"}});
  prometheus::Histogram& query_seconds = BuildHistogram()
                                             .Name("kpr_query_seconds")
                                             .Help("Time to answer an indicator query")
                                             .Register(*registry)
                                             .Add({}, kSeconds);
};

PrometheusProbe::PrometheusProbe(std::unique_ptr<Series> series) : series_(std::move(series)) {}
PrometheusProbe::~PrometheusProbe() = default;

Result<std::unique_ptr<PrometheusProbe>> PrometheusProbe::Create(const std::string& listen) {
  auto series = std::make_unique<Series>();
  if (!listen.empty()) {
    // The library reports a taken port by an exception; it ends here.
    try {
      series->exposer = std::make_unique<prometheus::Exposer>(listen, 1);
      series->exposer->RegisterCollectable(series->registry);
    } catch (const std::exception& error) {
      return Unavailable(
          fmt::format("operation.metrics_listen {}: cannot listen there ({}); is another server on the port?",
                      listen, error.what()));
    }
  }
  return std::unique_ptr<PrometheusProbe>(new PrometheusProbe(std::move(series)));
}

std::shared_ptr<void> PrometheusProbe::Observe(std::function<Progress()> progress, const EventLog* log,
                                               const SpaceGuard* guard) {
  auto live = std::make_shared<LiveGauges>(std::move(progress), log, guard);
  if (series_->exposer) series_->exposer->RegisterCollectable(live);
  return {live.get(), [live](void*) { live->Stop(); }};
}

void PrometheusProbe::StreamOpened() {
  series_->streams.Increment();
}
void PrometheusProbe::StreamClosed() {
  series_->streams.Decrement();
}
void PrometheusProbe::CallRefused() {
  series_->calls_refused.Increment();
}
void PrometheusProbe::BatchReceived(uint64_t bytes) {
  series_->bytes.Increment(static_cast<double>(bytes));
}
void PrometheusProbe::BatchThrottled() {
  series_->throttled.Increment();
}
void PrometheusProbe::Scrubbed(ScrubOutcome outcome) {
  switch (outcome) {
    case ScrubOutcome::kEqual:
      return series_->scrubbed_equal.Increment();
    case ScrubOutcome::kRebuilt:
      return series_->scrubbed_rebuilt.Increment();
    case ScrubOutcome::kFailed:
      return series_->scrubbed_failed.Increment();
  }
}
void PrometheusProbe::QueryAnswered(double seconds) {
  series_->query_seconds.Observe(seconds);
}

void PrometheusProbe::BatchDurable(uint64_t accepted, uint64_t duplicates, uint64_t refused, double seconds) {
  series_->accepted.Increment(static_cast<double>(accepted));
  series_->duplicate.Increment(static_cast<double>(duplicates));
  series_->refused.Increment(static_cast<double>(refused));
  series_->durable_seconds.Observe(seconds);
}

void PrometheusProbe::Applied(uint64_t records, double seconds) {
  series_->applied.Increment(static_cast<double>(records));
  series_->apply_seconds.Observe(seconds);
}

}  // namespace kpr
