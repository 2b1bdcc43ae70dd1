// The probe's verbs as Prometheus series. Fewer than a hundred series, none labelled by person, sender or
// municipality. docs/operations.md says which to watch.
#pragma once

#include <functional>
#include <memory>

#include "base/probe.h"
#include "base/status.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"

namespace kpr {

class PrometheusProbe : public Probe {
 public:
  // `listen` as in the configuration; empty serves nothing.
  static Result<std::unique_ptr<PrometheusProbe>> Create(const std::string& listen);
  ~PrometheusProbe() override;

  // How far the partitions of this node are.
  struct Progress {
    uint32_t partitions = 0, failing = 0, backups_failing = 0;
    uint64_t quarantined = 0;
    uint64_t log_records = 0, applied = 0;
    int32_t horizon_days = 0;
  };
  // Gauges read when scraped, until what is returned is let go of; all outlive that.
  [[nodiscard]] std::shared_ptr<void> Observe(std::function<Progress()> progress, const EventLog* log,
                                              const SpaceGuard* guard);

  void StreamOpened() override;
  void StreamClosed() override;
  void CallRefused() override;
  void BatchReceived(uint64_t bytes) override;
  void BatchDurable(uint64_t accepted, uint64_t duplicates, uint64_t refused, double seconds) override;
  void BatchThrottled() override;
  void Applied(uint64_t records, double seconds) override;
  void Scrubbed(ScrubOutcome outcome) override;
  void QueryAnswered(double seconds) override;

 private:
  struct Series;
  explicit PrometheusProbe(std::unique_ptr<Series> series);
  std::unique_ptr<Series> series_;
};

}  // namespace kpr
