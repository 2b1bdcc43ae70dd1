// From the state of one person to its rows in the tables of an extract. Pure: the same state gives the same
// rows. Not thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "extracts/request/population.h"
#include "extracts/rows/indicator_rows.h"
#include "extracts/rows/rare_codes.h"
#include "extracts/rows/table_plan.h"
#include "registry/pseudonym/project_pseudonymizer.h"
#include "registry/timeline/subject_state.h"

namespace kpr::extract {

class Projection {
 public:
  // All outlive it. `indicators`: of each table that is an indicator's; others have none.
  Projection(const v1::ExtractRequest* request, const std::vector<TablePlan>* tables,
             const Population* population, const ProjectPseudonymizer* pseudonyms,
             std::vector<std::unique_ptr<IndicatorRows>> indicators);

  // From now on these codes are given as "other".
  void Group(CodeGroups groups) { groups_ = std::move(groups); }

  // Appends the person's rows to those of each table, in the order of their values.
  void Append(const SubjectState& state, std::vector<Rows>* tables);

 private:
  struct Person;
  void AppendTable(const Person& person, size_t table, Rows* rows);
  Value DateOf(const Person& person, Date day) const;
  Value BirthYear(Date birth) const;
  Date BirthDate(Date birth) const;
  Value OfPerson(const Person& person, const Variable& variable) const;
  Value OfFact(const Person& person, const Fact& fact, const Variable& variable) const;
  Value OfSpell(const Person& person, const Spell& spell, const Variable& variable) const;
  Value OfIndicator(const Person& person, const IndicatorRows& indicator, const IndicatorRow& row,
                    const Variable& variable) const;
  bool InFrame(Date day) const { return first_ <= day && day <= last_; }
  bool Overlaps(const Spell& spell, const SubjectState& state) const;

  const v1::ExtractRequest& request_;
  const std::vector<TablePlan>& tables_;
  const Geography& geography_;
  const ProjectPseudonymizer& pseudonyms_;
  const Date first_, last_;
  const std::vector<std::unique_ptr<IndicatorRows>> indicators_;
  CodeGroups groups_;
};

}  // namespace kpr::extract
