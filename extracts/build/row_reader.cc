#include "extracts/build/row_reader.h"

#include <algorithm>
#include <map>

namespace kpr::extract {
namespace {

constexpr size_t kPersonsAtOnce = 1024;

using Row = std::vector<Value>;
using PersonRows = std::vector<std::vector<Row>>;  // by table, sorted

std::span<const SubjectId> Piece(const std::vector<SubjectId>& persons, size_t at) {
  return std::span(persons).subspan(at, std::min(kPersonsAtOnce, persons.size() - at));
}

void ClearRows(std::vector<Rows>* rows) {
  for (Rows& table : *rows) table.values.clear();
}

PersonRows RowsOf(const std::vector<Rows>& rows) {
  PersonRows person(rows.size());
  for (size_t t = 0; t < rows.size(); ++t) {
    for (size_t i = 0; i < rows[t].size(); ++i) person[t].emplace_back(rows[t][i].begin(), rows[t][i].end());
  }
  return person;
}

// What those of the piece who are held have; all rows go into `hash`.
Result<std::map<SubjectId, PersonRows>> ReadHeld(const Held& held, std::span<const SubjectId> piece,
                                                 ContentHash* hash) {
  std::vector<SubjectId> here;
  for (const SubjectId& person : piece) {
    if (std::binary_search(held.persons.begin(), held.persons.end(), person)) here.push_back(person);
  }
  std::map<SubjectId, PersonRows> found;
  std::vector<Rows> rows = held.plan->NoRows();
  KPR_RETURN_IF_ERROR(held.source->Read(here, [&](const SubjectId& person, const std::vector<Fact>& facts) {
    ClearRows(&rows);
    held.plan->RowsOf(person, facts, &rows);
    hash->Add(rows);
    found.emplace(person, RowsOf(rows));
    return true;
  }));
  return found;
}

void AppendChanged(const std::vector<Row>& from, const std::vector<Row>& without, Value change, Rows* out) {
  std::vector<Row> changed;
  std::set_difference(from.begin(), from.end(), without.begin(), without.end(), std::back_inserter(changed));
  for (const Row& row : changed) {
    out->values.push_back(row[0]);
    out->values.push_back(change);
    out->values.insert(out->values.end(), row.begin() + 1, row.end());
  }
}

Variable MakeChange() {
  Variable change;
  change.column = "change";
  v1::Variable& d = change.described;
  d.set_name(change.column);
  d.mutable_meaning()->set_nb("Hva som er skjedd med raden siden forrige uttrekk");
  d.mutable_meaning()->set_en("What has happened to the row since the earlier extract");
  d.set_type(v1::VARIABLE_TYPE_CODE);
  d.set_sensitivity(v1::SENSITIVITY_ORDINARY);
  const std::tuple<Value, const char*, const char*> codes[] = {
      {kNewRow, "Ny", "New"}, {kWithdrawnRow, "Trukket tilbake", "Withdrawn"}};
  for (const auto& [code, nb, en] : codes) {
    v1::CodeLabel* label = d.add_codes();
    label->set_code(code);
    label->mutable_label()->set_nb(nb);
    label->mutable_label()->set_en(en);
  }
  return change;
}

}  // namespace

void ContentHash::Add(const std::vector<Rows>& rows) {
  for (size_t t = 0; t < rows.size(); ++t) {
    const auto& values = rows[t].values;
    tables_[t].Add({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
  }
}

std::vector<std::string> ContentHash::Finish() {
  std::vector<std::string> hashes;
  for (crypto::Sha256Stream& table : tables_) hashes.push_back(table.Finish());
  return hashes;
}

Status ReadRows(const TimelineSource& source, RequestPlan* plan, const std::vector<SubjectId>& persons,
                const ReadingOptions& options, const TakeRows& take) {
  std::vector<Rows> rows = plan->NoRows();
  for (size_t at = 0; at < persons.size(); at += kPersonsAtOnce) {
    KPR_RETURN_IF_ERROR(options.proceed());
    ClearRows(&rows);
    const auto piece = Piece(persons, at);
    KPR_RETURN_IF_ERROR(source.Read({piece.begin(), piece.end()},
                                    [&](const SubjectId& person, const std::vector<Fact>& facts) {
                                      plan->RowsOf(person, facts, &rows);
                                      return true;
                                    }));
    KPR_RETURN_IF_ERROR(take(rows));
    options.progress(static_cast<double>(at + piece.size()) / static_cast<double>(persons.size()));
  }
  return {};
}

Status ReadDelta(const Held& before, const Held& after, const ReadingOptions& options, const TakeRows& take,
                 DeltaCounts* counts) {
  const RequestPlan* plan = after.plan;
  *counts = {};
  std::vector<std::pair<uint64_t, SubjectId>> ordered;
  for (const Held* held : {&before, &after}) {
    for (const SubjectId& person : held->persons)
      ordered.emplace_back(plan->pseudonyms().Person(person), person);
  }
  std::sort(ordered.begin(), ordered.end());
  ordered.erase(std::unique(ordered.begin(), ordered.end()), ordered.end());
  std::vector<SubjectId> persons;
  for (const auto& [token, person] : ordered) persons.push_back(person);

  ContentHash before_hash(plan->tables().size()), after_hash(plan->tables().size());
  std::vector<Rows> rows;
  for (const TablePlan& table : DeltaTables(plan->tables())) rows.push_back({table.width(), {}});
  for (size_t at = 0; at < persons.size(); at += kPersonsAtOnce) {
    KPR_RETURN_IF_ERROR(options.proceed());
    ClearRows(&rows);
    const auto piece = Piece(persons, at);
    KPR_ASSIGN_OR_RETURN(const auto had, ReadHeld(before, piece, &before_hash));
    KPR_ASSIGN_OR_RETURN(const auto has, ReadHeld(after, piece, &after_hash));
    const PersonRows nothing(plan->tables().size());
    for (const SubjectId& person : piece) {
      const auto was = had.find(person), is = has.find(person);
      const PersonRows& old_rows = was == had.end() ? nothing : was->second;
      const PersonRows& new_rows = is == has.end() ? nothing : is->second;
      if (was == had.end()) ++counts->new_persons;
      if (is == has.end()) ++counts->withdrawn_persons;
      if (was != had.end() && is != has.end() && old_rows != new_rows) ++counts->changed_persons;
      for (size_t t = 0; t < rows.size(); ++t) {
        AppendChanged(new_rows[t], old_rows[t], kNewRow, &rows[t]);
        AppendChanged(old_rows[t], new_rows[t], kWithdrawnRow, &rows[t]);
      }
    }
    KPR_RETURN_IF_ERROR(take(rows));
    options.progress(static_cast<double>(at + piece.size()) / static_cast<double>(persons.size()));
  }
  counts->before = before_hash.Finish();
  counts->after = after_hash.Finish();
  return {};
}

std::vector<TablePlan> DeltaTables(const std::vector<TablePlan>& tables) {
  static const Variable change = MakeChange();
  std::vector<TablePlan> with_change = tables;
  for (TablePlan& table : with_change) table.columns.insert(table.columns.begin(), &change);
  return with_change;
}

}  // namespace kpr::extract
