#include "indicators/rpc/to_proto.h"

#include <algorithm>

#include "indicators/query/estimates.h"
#include "indicators/query/position_token.h"

namespace kpr {
namespace {

constexpr size_t kShownEvents = 100;

void Fill(const Estimate& estimate, v1::Estimate* proto) {
  proto->set_name(estimate.name);
  proto->set_value(estimate.value);
  if (estimate.lower) proto->set_lower(*estimate.lower);
  if (estimate.upper) proto->set_upper(*estimate.upper);
  proto->set_method(estimate.method);
  proto->set_unit(estimate.unit);
  proto->set_decimals(estimate.decimals);
}

void Fill(const ResultRow& row, v1::Row* proto) {
  proto->set_period(row.period);
  proto->mutable_area()->set_code(row.area);
  *proto->mutable_area()->mutable_name() = row.area_name;
  proto->set_sex(row.sex);
  proto->set_age(row.age);
  for (const Estimate& estimate : row.estimates) Fill(estimate, proto->add_estimates());
  proto->set_numerator(row.numerator);
  proto->set_denominator(row.denominator);
  proto->mutable_classes()->Assign(row.classes.begin(), row.classes.end());
  proto->set_missing_reason(row.reason);
  proto->mutable_coverage()->set_municipalities(row.coverage.municipalities);
  proto->mutable_coverage()->set_reporting(row.coverage.reporting);
  proto->mutable_coverage()->set_declared(row.coverage.declared);
  proto->set_provisional(row.provisional);
  proto->set_carried_forward(row.carried_forward);
  for (const v1::Text& note : row.notes) *proto->add_notes() = note;
  proto->set_invited(row.invited);
  proto->set_responded(row.responded);
  v1::Persons* persons = proto->mutable_persons();
  persons->set_denominator(static_cast<uint64_t>(row.behind_denominator.persons));
  persons->set_numerator(static_cast<uint64_t>(row.behind_numerator.persons));
  persons->set_denominator_providers(static_cast<uint64_t>(row.behind_denominator.providers));
  persons->set_numerator_providers(static_cast<uint64_t>(row.behind_numerator.providers));
}

void FillMillis(int64_t millis, google::protobuf::Timestamp* proto) {
  proto->set_seconds(millis / 1000);
  proto->set_nanos(static_cast<int32_t>(millis % 1000) * 1'000'000);
}

}  // namespace

v1::IndicatorTable ToProto(const ResultTable& table, size_t first, size_t count) {
  v1::IndicatorTable proto;
  const v1::Definition& definition = *table.definition;
  proto.set_indicator(definition.id());
  proto.set_version(definition.version());
  proto.set_unit(definition.unit());
  proto.set_decimals(DecimalsOf(definition));
  for (const v1::Class& k : definition.components(0).classes()) {
    v1::Class* shown = proto.add_classes();
    shown->set_id(k.id());
    *shown->mutable_title() = k.title();
  }
  proto.set_quarantined_records(table.quarantined);
  proto.set_code_lists(table.code_lists);
  if (table.horizon.days != 0) {
    proto.set_horizon(table.horizon.ToString());
    proto.set_position(PositionToken(table.positions));
  }
  if (table.fresh_at_ms != 0) FillMillis(table.fresh_at_ms, proto.mutable_fresh_at());
  const size_t end = std::min(table.rows.size(), first + count);
  for (size_t i = first; i < end; ++i) Fill(table.rows[i], proto.add_rows());
  return proto;
}

v1::IndicatorExplanation ToProto(const Explanation& explanation) {
  v1::IndicatorExplanation proto;
  if (explanation.row) Fill(*explanation.row, proto.mutable_row());
  for (const ContributingSubject& subject : explanation.subjects) {
    v1::SubjectContribution* shown = proto.add_contributions();
    shown->set_subject(subject.subject.ToHex());
    shown->set_numerator(subject.numerator);
    shown->set_denominator(subject.denominator);
    shown->mutable_classes()->Assign(subject.classes.begin(), subject.classes.end());
    for (const Uuid& id : subject.events) shown->add_event_ids(id.ToString());
  }
  proto.set_subjects(explanation.all_subjects);
  proto.set_numerator(explanation.numerator);
  proto.set_denominator(explanation.denominator);
  proto.mutable_classes()->Assign(explanation.classes.begin(), explanation.classes.end());
  proto.set_position(PositionToken(explanation.positions));
  proto.set_code_lists(explanation.code_lists);
  return proto;
}

v1::Revision ToProto(const Revision& revision) {
  v1::Revision proto;
  proto.set_day(revision.day.ToString());
  Fill(revision.before, proto.mutable_old());
  Fill(revision.after, proto.mutable_new_());
  proto.set_events(revision.events.size());
  for (size_t i = 0; i < std::min(revision.events.size(), kShownEvents); ++i)
    proto.add_event_ids(revision.events[i].ToString());
  return proto;
}

v1::MunicipalityComparison ToProto(const Comparison& comparison) {
  v1::MunicipalityComparison proto;
  proto.set_indicator(comparison.definition->id());
  proto.set_version(comparison.definition->version());
  proto.set_unit(comparison.definition->unit());
  proto.set_kind(comparison.definition->kind());
  proto.set_position(PositionToken(comparison.positions));
  proto.set_structure_year(static_cast<uint32_t>(comparison.structure_year));
  proto.set_code_lists(comparison.code_lists);
  proto.set_attributes(comparison.attributes);
  proto.mutable_adjust_by()->Assign(comparison.adjust_by.begin(), comparison.adjust_by.end());
  proto.set_group_by(comparison.group_by);
  proto.set_period(comparison.period);
  if (comparison.country) Fill(*comparison.country, proto.mutable_country());
  proto.set_dispersion(comparison.dispersion);
  proto.set_variance_between(comparison.variance_between);
  for (const AreaComparison& area : comparison.municipalities) {
    v1::AreaComparison* shown = proto.add_municipalities();
    Fill(area.row, shown->mutable_row());
    shown->set_group(area.group);
    shown->set_observed(area.observed);
    shown->set_expected(area.expected);
    shown->set_ratio(area.ratio);
    shown->set_warning_low(area.warning.lower);
    shown->set_warning_high(area.warning.upper);
    shown->set_alarm_low(area.alarm.lower);
    shown->set_alarm_high(area.alarm.upper);
    shown->set_shrunken_ratio(area.shrunken_ratio);
    if (area.group_value) shown->set_group_value(*area.group_value);
    if (area.previous) shown->set_previous(*area.previous);
    shown->set_changed_beyond_chance(area.changed_beyond_chance);
    shown->set_outlier_status(area.outlier_status);
    for (const v1::Signal signal : area.signals) shown->add_signals(signal);
  }
  return proto;
}

}  // namespace kpr
