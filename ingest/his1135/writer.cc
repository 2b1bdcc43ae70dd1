#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include "ingest/his1135/his1135.h"

namespace kpr::his1135 {
namespace {

using google::protobuf::util::TimeUtil;

std::string Escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Attribute(const char* name, const std::string& value) {
  return fmt::format(" {}=\"{}\"", name, Escaped(value));
}

std::string OptionalAttribute(const char* name, const std::string& value) {
  return value.empty() ? "" : Attribute(name, value);
}

const char* StatusCode(v1::EventStatus status) {
  return status == v1::EVENT_STATUS_REPLACE      ? "M"
         : status == v1::EVENT_STATUS_ANNUL      ? "C"
         : status == v1::EVENT_STATUS_SUPPLEMENT ? "T"
                                                 : "N";
}

struct Parts {
  const char* element = nullptr;
  std::string service_id, provider, pause_id;
  uint32_t service_type = 0;
};

template <typename Service>
Parts StepsOf(const char* element, const Service& s) {
  return {element, s.service_id(), s.provider(), "", s.service_type()};
}

template <typename Pause>
Parts PausePartsOf(const char* element, const Pause& s) {
  return {element, s.service_id(), s.provider(), s.pause_id(), s.service_type()};
}

Parts StepsOf(const v1::Event& e) {
  if (e.has_service_started()) return StepsOf("TjenesteStart", e.service_started());
  if (e.has_service_ended()) return StepsOf("TjenesteSlutt", e.service_ended());
  if (e.has_provider_changed()) return StepsOf("TjenesteutforerEndret", e.provider_changed());
  if (e.has_service_paused()) return PausePartsOf("MidlertidigStoppFra", e.service_paused());
  if (e.has_service_resumed()) return PausePartsOf("MidlertidigStoppTil", e.service_resumed());
  return {};
}

}  // namespace

bool CanCarry(const v1::Event& event) {
  return StepsOf(event).element != nullptr && event.subject().has_person();
}

Writer::Writer(std::ostream* out, Header header) : out_(out), header_(std::move(header)) {
  *out_
      << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Melding xmlns=\"http://www.npr.no/xmlstds/56_0_0_ipl\""
      << " versjon=\"56.0.0\" meldingstype=\"K\"" << Attribute("leverandor", header_.supplier)
      << Attribute("navnEPJ", header_.system) << Attribute("versjonEPJ", header_.system_version)
      << Attribute("versjonUt", header_.export_version) << OptionalAttribute("lokalident", header_.local_id)
      << ">\n";
}

Status Writer::Add(const v1::Event& e) {
  const Parts parts = StepsOf(e);
  if (!CanCarry(e)) return Invalid(fmt::format("event {}: HIS 1135 has no such event", e.event_id()));
  if (e.municipality() != header_.municipality) {
    return Invalid(fmt::format("event {}: of municipality {}, the message is {}'s", e.event_id(),
                               e.municipality(), header_.municipality));
  }
  const v1::SourceReference& source = e.source();
  const std::string sent =
      source.notification_time().empty() ? TimeUtil::ToString(e.sent_at()) : source.notification_time();
  const std::string registered =
      source.registration_time().empty() ? TimeUtil::ToString(e.registered_at()) : source.registration_time();
  // What only the message has is made from what the event has where it was never read from one.
  const std::string event_guid = source.event_guid().empty() ? e.event_id() : source.event_guid();
  const std::string patient_guid = source.patient_guid().empty() ? e.event_id() : source.patient_guid();
  const std::string patient_number = source.patient_number().empty() ? e.event_id() : source.patient_number();
  *out_ << "  <Notifikasjon" << Attribute("statusNotifikasjon", StatusCode(e.status()))
        << Attribute("notifikasjonTid", sent) << Attribute("notifikasjonGUID", e.event_id())
        << Attribute("notifikasjonForrigeGUID", e.previous_event_id())
        << Attribute("notifikasjonLopeNr", std::to_string(e.sequence()))
        << OptionalAttribute("notifikasjonRef", e.refers_to()) << ">\n    <" << parts.element
        << Attribute("tjenesteType", std::to_string(parts.service_type))
        << Attribute("hendelseRegTid", registered) << OptionalAttribute("tjenesteOrgNr", parts.provider)
        << Attribute("hendelseDato", e.occurred_on()) << Attribute("tjenesteID", parts.service_id)
        << Attribute("hendelseGUID", event_guid) << OptionalAttribute("midlertidigStoppID", parts.pause_id)
        << ">\n      <Bruker" << Attribute("pasientGUID", patient_guid)
        << Attribute("brukerNr", patient_number) << OptionalAttribute("bydel", source.district())
        << Attribute("fid", e.subject().person().number())
        << Attribute("typeID", std::to_string(e.subject().person().type())) << "/>\n    </" << parts.element
        << ">\n  </Notifikasjon>\n";
  return out_->good() ? Status() : Unavailable("HIS 1135 message: cannot be written");
}

void Writer::Finish() {
  for (const Contact& c : header_.contacts) {
    *out_ << "  <Kontaktperson" << Attribute("kontPerson", c.name)
          << OptionalAttribute("meldTelefon", c.telephone) << Attribute("meldEpost1", c.email1)
          << OptionalAttribute("meldEpost2", c.email2) << Attribute("typeKontaktperson", c.type) << "/>\n";
  }
  *out_ << "  <Kommune" << Attribute("kommuneNr", header_.municipality) << "/>\n</Melding>\n";
  out_->flush();
}

}  // namespace kpr::his1135
