#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "ingest/his1135/his1135.h"
#include "registry/codelists/codelists.h"

namespace kpr::his1135 {
namespace {

constexpr int kLevels = 4;  // Melding, Notifikasjon, event, Bruker
constexpr size_t kKeptFindings = 1000;
constexpr size_t kLongestText = 100;

bool IsEventElement(const std::string& name) {
  return name == "TjenesteStart" || name == "TjenesteSlutt" || name == "TjenesteutforerEndret" ||
         name == "MidlertidigStoppFra" || name == "MidlertidigStoppTil";
}

bool IsContactType(const std::string& code) {  // kodeverk 8471: 1 to 19
  int value = 0;
  const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), value);
  return error == std::errc() && end == code.data() + code.size() && value >= 1 && value <= 19;
}

std::optional<uint32_t> Number(const std::string& text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A notification with its one event and person, as read.
struct Row {
  Element notification, event, person;
  int events = 0, persons = 0;
};

// Hands over one row at a time, and the elements around the rows.
class Rows {
 public:
  std::function<Status(const Element&)> on_message, on_contact, on_municipality;
  std::function<Status(const Row&)> on_row;

  Status Read(const Source& source) {
    bool root = false;
    KPR_RETURN_IF_ERROR(ReadXml(source, kLevels, [&](const Element& e) -> Status {
      if (e.depth == 0) {
        root = true;
        if (e.name != "Melding") return Misplaced(source.name, e);
        return on_message(e);
      }
      if (e.depth == 1) KPR_RETURN_IF_ERROR(Flush());
      if (e.depth == 1 && e.name == "Notifikasjon") {
        row_.emplace();
        row_->notification = e;
        return {};
      }
      if (e.depth == 1 && e.name == "Kontaktperson") return on_contact(e);
      if (e.depth == 1 && e.name == "Kommune") return on_municipality(e);
      if (e.depth == 2 && row_ && IsEventElement(e.name)) {
        row_->event = e;
        ++row_->events;
        return {};
      }
      if (e.depth == 3 && row_ && row_->events > 0 && e.name == "Bruker") {
        row_->person = e;
        ++row_->persons;
        return {};
      }
      return Misplaced(source.name, e);
    }));
    if (!root) return Invalid(source.name + ": no message");
    return Flush();
  }

 private:
  static Status Misplaced(const std::string& name, const Element& e) {
    return Invalid(
        fmt::format("{}:{}: an element that does not belong there in a HIS 1135 message", name, e.line));
  }
  Status Flush() {
    if (!row_) return {};
    const Status status = on_row(*row_);
    row_.reset();
    return status;
  }
  std::optional<Row> row_;
};

// The rules of one row, and whether it or the whole message goes.
struct RowResult {
  bool delete_row = false, delete_message = false;
};

class Rules {
 public:
  explicit Rules(Check* check) : check_(check) {}

  void AddFinding(int line, Action action, const std::string& attribute, const std::string& nb,
                  const std::string& en) {
    if (check_ == nullptr) return;
    ++check_->findings_in_all;
    if (check_->findings.size() < kKeptFindings)
      check_->findings.push_back({line, action, attribute, nb, en});
  }

  RowResult Judge(const Row& row) {
    RowResult result;
    const int line = row.notification.line;
    const auto missing = [&](const Element& e, const std::string& element, const std::string& attribute) {
      if (!e.attribute(attribute).empty()) return;
      result.delete_message = true;
      AddFinding(line, Action::kDeleteMessage, element + "/@" + attribute, "mangler", "is missing");
    };
    const auto drop_row = [&](const std::string& attribute, const std::string& nb, const std::string& en) {
      result.delete_row = true;
      AddFinding(line, Action::kDeleteRow, attribute, nb, en);
    };
    missing(row.notification, "Notifikasjon", "notifikasjonGUID");
    if (row.events != 1 || row.persons != 1) {
      drop_row("Notifikasjon", "må ha nøyaktig én hendelse med én bruker",
               "must have exactly one event with one person");
      return result;
    }
    missing(row.person, "Bruker", "fid");
    missing(row.person, "Bruker", "typeID");
    const std::string& number = row.person.attribute("brukerNr");
    if (number.empty()) drop_row("Bruker/@brukerNr", "mangler", "is missing");
    if (number.size() > kLongestText)
      drop_row("Bruker/@brukerNr", "er over 100 tegn", "is over 100 characters");
    const std::string& type = row.person.attribute("typeID");
    const auto code = Number(type);
    if (!type.empty() && !(code && IdentityTypeExists(*code))) {
      drop_row("Bruker/@typeID", "er ikke i kodeverk 9032", "is not in kodeverk 9032");
    }
    return result;
  }

  // Texts that are cut to nothing when too long.
  std::string Short(const Element& e, const std::string& element, const std::string& attribute) {
    const std::string& value = e.attribute(attribute);
    if (value.size() <= kLongestText) return value;
    AddFinding(e.line, Action::kSetNull, element + "/@" + attribute, "er over 100 tegn",
               "is over 100 characters");
    return "";
  }

 private:
  Check* check_;
};

std::string WithoutBraces(std::string id) {
  if (id.size() == 38 && id.front() == '{' && id.back() == '}') id = id.substr(1, 36);
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
  return id;
}

v1::EventStatus StatusOf(const std::string& code) {
  return code == "N"   ? v1::EVENT_STATUS_ORIGINAL
         : code == "M" ? v1::EVENT_STATUS_REPLACE
         : code == "C" ? v1::EVENT_STATUS_ANNUL
         : code == "T" ? v1::EVENT_STATUS_SUPPLEMENT
                       : v1::EVENT_STATUS_UNSPECIFIED;
}

// A time without zone is taken as UTC; one that would not be written back the same way is kept as text.
void SetTime(const std::string& text, google::protobuf::Timestamp* time, std::string* kept) {
  using google::protobuf::util::TimeUtil;
  const bool zoned = text.ends_with("Z") ||
                     (text.size() > 6 && (text[text.size() - 6] == '+' || text[text.size() - 6] == '-'));
  if (!TimeUtil::FromString(zoned ? text : text + "Z", time)) return;
  if (TimeUtil::ToString(*time) != text) *kept = text;
}

template <typename Service>
void FillService(const Element& e, Service* service) {
  service->set_service_id(e.attribute("tjenesteID"));
  service->set_service_type(Number(e.attribute("tjenesteType")).value_or(0));
  service->set_provider(e.attribute("tjenesteOrgNr"));
}

v1::Event ToEvent(const Row& row, const std::string& municipality) {
  v1::Event event;
  const Element &n = row.notification, &e = row.event, &p = row.person;
  v1::SourceReference* source = event.mutable_source();
  event.set_event_id(WithoutBraces(n.attribute("notifikasjonGUID")));
  event.set_status(StatusOf(n.attribute("statusNotifikasjon")));
  event.set_refers_to(WithoutBraces(n.attribute("notifikasjonRef")));
  uint64_t sequence = 0;  // a text in the message; compared as a number
  const std::string& running = n.attribute("notifikasjonLopeNr");
  std::from_chars(running.data(), running.data() + running.size(), sequence);
  event.set_sequence(sequence);
  event.set_previous_event_id(WithoutBraces(n.attribute("notifikasjonForrigeGUID")));
  event.set_municipality(municipality);
  event.set_occurred_on(e.attribute("hendelseDato"));
  SetTime(n.attribute("notifikasjonTid"), event.mutable_sent_at(), source->mutable_notification_time());
  SetTime(e.attribute("hendelseRegTid"), event.mutable_registered_at(), source->mutable_registration_time());
  source->set_event_guid(WithoutBraces(e.attribute("hendelseGUID")));
  source->set_patient_guid(WithoutBraces(p.attribute("pasientGUID")));
  source->set_patient_number(p.attribute("brukerNr"));
  source->set_district(p.attribute("bydel"));
  v1::PersonIdentity* person = event.mutable_subject()->mutable_person();
  person->set_type(Number(p.attribute("typeID")).value_or(0));
  person->set_number(p.attribute("fid"));
  if (e.name == "TjenesteStart") FillService(e, event.mutable_service_started());
  if (e.name == "TjenesteSlutt") FillService(e, event.mutable_service_ended());
  if (e.name == "TjenesteutforerEndret") FillService(e, event.mutable_provider_changed());
  if (e.name == "MidlertidigStoppFra") {
    FillService(e, event.mutable_service_paused());
    event.mutable_service_paused()->set_pause_id(e.attribute("midlertidigStoppID"));
  }
  if (e.name == "MidlertidigStoppTil") {
    FillService(e, event.mutable_service_resumed());
    event.mutable_service_resumed()->set_pause_id(e.attribute("midlertidigStoppID"));
  }
  return event;
}

}  // namespace

const char* ActionName(Action action) {
  switch (action) {
    case Action::kDeleteMessage:
      return "message marked deleted";
    case Action::kDeleteRow:
      return "row marked deleted";
    case Action::kSetNull:
      return "value set to NULL";
    case Action::kSetMinusOne:
      return "value set to -1";
  }
  return "";
}

Result<Check> CheckMessage(const Source& source) {
  Check check;
  Rules rules(&check);
  Rows rows;
  rows.on_message = [&](const Element& e) -> Status {
    if (e.attribute("versjon").empty()) {
      check.deleted = true;
      rules.AddFinding(e.line, Action::kDeleteMessage, "Melding/@versjon", "mangler", "is missing");
    } else if (e.attribute("versjon") != "56.0.0") {
      return Invalid(fmt::format("{}:{}: Melding/@versjon: this reads 56.0.0", source.name, e.line));
    }
    check.header.supplier = rules.Short(e, "Melding", "leverandor");
    check.header.system = rules.Short(e, "Melding", "navnEPJ");
    check.header.system_version = rules.Short(e, "Melding", "versjonEPJ");
    check.header.export_version = rules.Short(e, "Melding", "versjonUt");
    check.header.local_id = e.attribute("lokalident");
    return {};
  };
  rows.on_contact = [&](const Element& e) -> Status {
    std::string type = e.attribute("typeKontaktperson");
    if (!IsContactType(type)) {
      rules.AddFinding(e.line, Action::kSetMinusOne, "Kontaktperson/@typeKontaktperson",
                       "er ikke i kodeverk 8471", "is not in kodeverk 8471");
      type = "-1";
    }
    if (check.header.contacts.size() < kKeptFindings) {
      check.header.contacts.push_back({rules.Short(e, "Kontaktperson", "kontPerson"),
                                       e.attribute("meldTelefon"), e.attribute("meldEpost1"),
                                       e.attribute("meldEpost2"), type});
    }
    return {};
  };
  rows.on_municipality = [&](const Element& e) -> Status {
    const std::string& number = e.attribute("kommuneNr");
    if (!check.header.municipality.empty() && check.header.municipality != number) {
      return Invalid(
          fmt::format("{}:{}: a message must hold data from one municipality only", source.name, e.line));
    }
    check.header.municipality = number;
    return {};
  };
  rows.on_row = [&](const Row& row) -> Status {
    const RowResult result = rules.Judge(row);
    ++check.notifications;
    check.deleted_rows += result.delete_row ? 1 : 0;
    check.deleted = check.deleted || result.delete_message;
    return {};
  };
  KPR_RETURN_IF_ERROR(rows.Read(source));
  if (check.header.municipality.empty())
    return Invalid(source.name + ": no Kommune: the message does not say whose it is");
  return check;
}

Status ReadEvents(const Source& source, const Check& check,
                  const std::function<Status(v1::Event, int)>& take) {
  if (check.deleted) return {};
  Rules rules(nullptr);
  Rows rows;
  rows.on_message = rows.on_contact = rows.on_municipality = [](const Element&) { return Status(); };
  rows.on_row = [&](const Row& row) -> Status {
    return rules.Judge(row).delete_row ? Status()
                                       : take(ToEvent(row, check.header.municipality), row.notification.line);
  };
  return rows.Read(source);
}

}  // namespace kpr::his1135
