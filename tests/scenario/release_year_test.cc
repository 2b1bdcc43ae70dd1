// I6 over a year: a simulated country is released every week while single persons are corrected. Whoever has
// kept every release, and knows which of the finest counts did not change, can compute no count of a few
// persons and no change of a few.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <thread>

#include "base/files.h"
#include "indicators/disclosure/random_tables.h"
#include "indicators/publication/plan.h"
#include "indicators/publication/publication_office.h"
#include "indicators/query/position_token.h"
#include "ingest/simulator/simulate.h"
#include "tests/support/registry_fixture.h"

namespace kpr::publication {
namespace {

constexpr int kWeeks = 52, kAlone = 12;
constexpr int64_t kFew = 3;
constexpr const char* kIndicator = "medication_review";
constexpr const char* kYearPlan = R"(id: "weekly"
title { nb: "Ukentlig" en: "Weekly" }
structure_year: 2024
policy { hide_up_to: 3 complement: true }
tables { indicator: "medication_review" periods: "2023" by_sex: true }
)";
// What a recipient gets beside it.
constexpr const char* kGivenPlan = R"(id: "given"
title { nb: "Gitt" en: "Given" }
structure_year: 2024
policy { hide_up_to: 3 complement: true }
tables { indicator: "medication_review" periods: "2023" levels: LEVEL_COUNTRY levels: LEVEL_COUNTY by_age: true }
)";
constexpr int kCodes[] = {301, 1101, 1103, 1106, 1108, 4601, 4624, 4626, 4627, 4631, 5001, 5006, 5035};

// The finest counts: long-stay residents by municipality, sex, age and what is known of their review.
using Finest = std::map<std::array<std::string, 4>, int64_t>;

// Residents of a simulated country, and what is found to be wrong about some of them every week.
class SimulatedCountry {
 public:
  explicit SimulatedCountry(uint64_t seed) : random_(seed) {
    simulator::Options options;
    options.seed = seed;
    options.from = *Date::Parse("2022-01-01");
    options.to = *Date::Parse("2023-12-31");
    for (const int code : kCodes) options.municipalities.push_back(Municipality{static_cast<uint16_t>(code)});
    options.scale = 0.3;
    options.noise = {.corrected = 0, .annulled = 0, .late = 0, .duplicated = 0, .lost = 0, .renumbered = 0};
    const Status simulated =
        simulator::SimulateTo(options, [&](Municipality, const v1::Event& event) -> Status {
          if (event.subject().has_person()) Add(event);
          return {};
        });
    EXPECT_TRUE(simulated.ok()) << simulated.message();
    registry_.Settle("2024-01-31");
  }

  // One to four persons come, go, or were reviewed at another time than was told.
  void Correct(const std::string& horizon) {
    for (uint64_t n = 1 + random_() % 4; n > 0; --n) {
      switch (random_() % 4) {
        case 0:
          registry_.Annul(Take(stays_));
          break;
        case 1:
          registry_.Annul(Take(reviews_));
          break;
        case 2: {
          v1::Event& earlier = registry_.Replace(Take(reviews_));
          earlier.set_occurred_on("2022-03-01");
          break;
        }
        default: {
          const uint64_t person = 1'000'000 + random_() % 1'000'000;
          registry_.Born(person, std::to_string(1925 + random_() % 30) + "-05-01",
                         random_() % 2 ? v1::SEX_MALE : v1::SEX_FEMALE);
          registry_.Start(person, 21, "2023-09-01", fmt::format("{:04}", kCodes[random_() % 13]));
        }
      }
    }
    registry_.Settle(horizon);
  }

  Finest Count() {
    v1::GetIndicatorValuesRequest request;
    request.set_indicator(kIndicator);
    request.set_from_period("2023");
    request.set_structure_year(2024);
    request.set_level(v1::LEVEL_MUNICIPALITY);
    request.set_by_sex(true);
    request.set_by_age(true);
    Finest counts;
    const ResultTable table = registry_.Get(request);
    const auto classes = test::ClassIds(table);
    for (const ResultRow& row : table.rows) {
      for (size_t k = 0; k < row.classes.size(); ++k)
        counts[{row.area, row.sex, row.age, classes[k]}] = row.classes[k];
    }
    return counts;
  }
  const Query* query() const { return &registry_.query(); }

 private:
  void Add(const v1::Event& simulated) {
    const uint64_t person = std::hash<std::string>()(simulated.subject().person().number());
    v1::Event& event = registry_.Person(person, simulated.occurred_on(), simulated.municipality());
    v1::Event told = simulated;
    *told.mutable_subject() = event.subject();
    told.set_event_id(event.event_id());
    told.set_sequence(event.sequence());
    event = told;
    if (event.service_started().service_type() == 21) stays_.push_back(event);
    if (event.medication_review().kind() == v1::MedicationReview::KIND_FULL_REVIEW &&
        event.occurred_on() >= "2023")
      reviews_.push_back(event);
  }
  v1::Event Take(std::vector<v1::Event>& events) {
    const size_t at = random_() % events.size();
    std::swap(events[at], events.back());
    v1::Event event = std::move(events.back());
    events.pop_back();
    return event;
  }

  std::mt19937_64 random_;
  test::RegistryFixture registry_;
  std::vector<v1::Event> stays_, reviews_;
};

// Publishes the plan whenever asked, into a folder of its own.
class Series {
 public:
  Series(const Query* query, const Clock* clock, const std::string& name)
      : folder_(::testing::TempDir() + "/kpr-year-" + std::to_string(getpid()) + "-" + name) {
    std::filesystem::remove_all(folder_);
    office_.emplace(OfficeOptions{query, clock, folder_, folder_ + ".signing-key", "test"});
  }
  ~Series() {
    office_.reset();
    for (const char* of : {"", ".signing-key"}) std::filesystem::remove_all(folder_ + of);
  }
  v1::ReleaseTable Publish() {
    v1::CreateDraftRequest request;
    request.set_plan(kYearPlan);
    EXPECT_TRUE(office_->CreateDraft(request, "anna").ok());
    auto draft = office_->GetDraft("weekly");
    for (; draft.ok() && draft->state() == v1::Draft::STATE_COMPUTING; draft = office_->GetDraft("weekly"))
      std::this_thread::yield();
    EXPECT_TRUE(draft.ok() && draft->state() == v1::Draft::STATE_READY) << draft->failure();
    v1::ApproveDraftRequest approve;
    approve.set_series("weekly");
    approve.set_content_hash(draft->content_hash());
    EXPECT_TRUE(office_->Approve(approve, "berit").ok());
    const auto release = office_->Publish("weekly", "anna");
    EXPECT_TRUE(release.ok()) << release.status().message();
    v1::ReleaseTable table;
    const std::string name =
        fmt::format("{}/weekly/{}/files/tables/{}.json", folder_, release->number(), kIndicator);
    EXPECT_TRUE(FromJson(*ReadFile(name), name, table).ok());
    return table;
  }
  // As of now, to a recipient. None: what was shown before leaves nothing to hide the figures behind.
  std::optional<v1::ReleaseTable> Give(const Query& query, const std::string& id) {
    const auto plan = ParsePlan(kGivenPlan, "plan", query.Definitions());
    const auto files =
        office_->Give(id, *plan, PositionToken((*query.Snapshot())->positions()), [] { return Status(); });
    if (files.status().code() == Code::kFailedPrecondition) return {};
    EXPECT_TRUE(files.ok()) << files.status().message();
    v1::ReleaseTable table;
    for (const PublicFile& file : *files) {
      if (file.name != fmt::format("tables/{}.json", kIndicator)) continue;
      EXPECT_TRUE(FromJson(file.content, file.name, table).ok());
    }
    return table;
  }

 private:
  std::string folder_;
  std::optional<PublicationOffice> office_;
};

// What follows from all releases together, by naive algebra over the finest counts.
class UnionAttacker {
 public:
  struct Week {
    v1::ReleaseTable table;
    Finest truth;
  };
  struct Found {
    size_t shown = 0, hidden = 0, held = 0;
    size_t counts = 0, changes = 0;  // of 1 to kFew persons, that follow
  };

  explicit UnionAttacker(const std::vector<Week>& weeks) : weeks_(weeks) {
    // A variable for every value that a finest count ever had: that one did not change is taken for known.
    for (size_t w = 0; w < weeks.size(); ++w) {
      for (const auto& [key, count] : weeks[w].truth) {
        const bool same = w > 0 && weeks[w - 1].truth.contains(key) && weeks[w - 1].truth.at(key) == count;
        variables_.resize(w + 1);
        variables_[w][key] = same ? variables_[w - 1].at(key) : size_++;
      }
    }
  }

  Found Attack() const {
    Found found;
    disclosure::NaiveSpace known;
    std::set<std::vector<size_t>> added;
    ForAll([&](size_t w, const v1::ReleaseRow& row, int a) {
      const v1::FigureState state = row.states(a);
      found.shown += state == v1::FIGURE_STATE_SHOWN;
      found.hidden += state == v1::FIGURE_STATE_HIDDEN;
      found.held += state == v1::FIGURE_STATE_FORMER;
      // A former value is an earlier release's, and was added there.
      if (state == v1::FIGURE_STATE_SHOWN && added.insert(Behind(w, row, a)).second)
        known.Add(Vector(Behind(w, row, a)));
    });
    std::set<std::vector<size_t>> counted;
    ForAll([&](size_t w, const v1::ReleaseRow& row, int a) {
      const std::vector<size_t> now = Behind(w, row, a);
      const int64_t count = Sum(w, row, a);
      if (count >= 1 && count <= kFew && counted.insert(now).second)
        found.counts += known.Contains(Vector(now));
      if (w == 0) return;
      const int64_t change = std::abs(count - Sum(w - 1, row, a));
      if (change < 1 || change > kFew) return;
      std::vector<double> difference = Vector(now);
      for (const size_t variable : Behind(w - 1, row, a)) difference[variable] -= 1;
      found.changes += known.Contains(difference);
    });
    return found;
  }

 private:
  template <typename Do>
  void ForAll(Do then) const {
    for (size_t w = 0; w < weeks_.size(); ++w) {
      for (const v1::ReleaseRow& row : weeks_[w].table.rows()) {
        for (int a = 0; a < row.states_size(); ++a) then(w, row, a);
      }
    }
  }
  // Whether the finest count is part of the figure.
  bool Part(const std::array<std::string, 4>& key, const v1::ReleaseRow& row, int a, size_t w) const {
    const std::string& amount = weeks_[w].table.amounts(a).id();
    return (row.area() == "0" || key[0].starts_with(row.area())) &&
           (row.sex() == "all" || key[1] == row.sex()) && (row.age() == "all" || key[2] == row.age()) &&
           (amount == "denominator" || key[3] == (amount == "numerator" ? "yes" : amount));
  }
  std::vector<size_t> Behind(size_t w, const v1::ReleaseRow& row, int a) const {
    std::vector<size_t> behind;
    for (const auto& [key, variable] : variables_[w]) {
      if (Part(key, row, a, w)) behind.push_back(variable);
    }
    return behind;
  }
  int64_t Sum(size_t w, const v1::ReleaseRow& row, int a) const {
    int64_t sum = 0;
    for (const auto& [key, count] : weeks_[w].truth) {
      if (Part(key, row, a, w)) sum += count;
    }
    return sum;
  }
  std::vector<double> Vector(const std::vector<size_t>& behind) const {
    std::vector<double> vector(size_);
    for (const size_t variable : behind) vector[variable] += 1;
    return vector;
  }

  const std::vector<Week>& weeks_;
  std::vector<std::map<std::array<std::string, 4>, size_t>> variables_;
  size_t size_ = 0;
};

TEST(ReleaseYear, GivesNoFewPersonsAwayOfASimulatedCountry) {
  SimulatedCountry country(1);
  const ManualClock clock(int64_t{Date::Parse("2024-02-10")->days} * 86'400'000);
  Series weekly(country.query(), &clock, "series");
  std::vector<UnionAttacker::Week> weeks, alone;  // alone: each as if it were the first
  for (int week = 0; week < kWeeks; ++week) {
    const Finest truth = country.Count();
    weeks.push_back({weekly.Publish(), truth});
    if (week < kAlone) alone.push_back({Series(country.query(), &clock, "alone").Publish(), truth});
    country.Correct((*Date::Parse("2024-02-01") + week).ToString());
  }
  const UnionAttacker::Found found = UnionAttacker(weeks).Attack();
  EXPECT_EQ(found.counts, 0u);
  EXPECT_EQ(found.changes, 0u);
  EXPECT_GT(found.shown + found.held, found.hidden);
  EXPECT_GT(found.hidden, 20u * kWeeks);
  const UnionAttacker::Found control = UnionAttacker(alone).Attack();
  EXPECT_GT(control.counts, 0u);
  EXPECT_GT(control.changes, 100u);
}

// Figures that are told as new beside held ones although they are as they were shown last: they tell which of
// the others has changed.
size_t UnmaskedBesideHeld(const std::vector<UnionAttacker::Week>& weeks) {
  size_t unmasked = 0;
  std::map<std::string, int64_t> last;  // as shown
  for (const UnionAttacker::Week& week : weeks) {
    bool held = false;
    size_t same = 0;
    std::map<std::string, int64_t> now;
    for (const v1::ReleaseRow& row : week.table.rows()) {
      for (int a = 0; a < row.states_size(); ++a) {
        const std::string key = fmt::format("{} {} {} {} {}", row.period(), row.area(), row.sex(), row.age(),
                                            week.table.amounts(a).id());
        held |= row.states(a) == v1::FIGURE_STATE_FORMER;
        if (row.states(a) != v1::FIGURE_STATE_SHOWN) continue;
        now[key] = row.amounts(a);
        same += last.contains(key) && last.at(key) == row.amounts(a) ? 1 : 0;
      }
    }
    unmasked += held ? same : 0;
    for (const auto& [key, amount] : now) last[key] = amount;
  }
  return unmasked;
}

// A recipient of tables has the public releases as well, before and after.
TEST(ReleaseYear, GivesNoFewPersonsAwayToWhoIsGivenTables) {
  constexpr int kGivenWeeks = 8;
  SimulatedCountry country(2);
  const Query& query = *country.query();
  ManualClock clock(int64_t{Date::Parse("2024-02-10")->days} * 86'400'000);
  Series weekly(&query, &clock, "given-series");
  std::vector<UnionAttacker::Week> weeks, alone;  // alone: given as if nothing were published
  int given = 0;
  for (int week = 0; week < kGivenWeeks; ++week) {
    const Finest truth = country.Count();
    const auto give = [&] {
      clock.Advance(1);
      const auto table = weekly.Give(query, fmt::format("project-{}", week));
      if (table) weeks.push_back({*table, truth});
      given += table ? 1 : 0;
      clock.Advance(1);
    };
    // What is given comes before the release, or after it.
    if (week % 2 == 0) give();
    const v1::ReleaseTable released = weekly.Publish();
    weeks.push_back({released, truth});
    if (week % 2 == 1) give();
    alone.push_back({released, truth});
    alone.push_back({*Series(&query, &clock, "given-alone").Give(query, "alone"), truth});
    country.Correct((*Date::Parse("2024-02-01") + week).ToString());
  }
  EXPECT_EQ(given, kGivenWeeks);
  const UnionAttacker::Found found = UnionAttacker(weeks).Attack();
  EXPECT_EQ(found.counts, 0u);
  EXPECT_EQ(found.changes, 0u);
  EXPECT_GT(found.held, 0u);
  EXPECT_EQ(UnmaskedBesideHeld(weeks), 0u);
  EXPECT_GT(found.shown + found.held, found.hidden);
  const UnionAttacker::Found control = UnionAttacker(alone).Attack();
  EXPECT_GT(control.counts + control.changes, 0u);
}

}  // namespace
}  // namespace kpr::publication
