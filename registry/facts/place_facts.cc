#include "registry/facts/place_facts.h"

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

template <typename Place>
MaybeViolation CheckPlace(const Place& place, const std::string& name) {
  if (auto r = CheckText(place.application_id(), name + ".application_id")) return r;
  for (const uint32_t type : {3, 12, 18, 19, 20, 21, 29}) {
    if (place.service_type() == type) return std::nullopt;
  }
  return OutOfRange(name + ".service_type",
                    {"3, 12, 18, 19, 20, 21 eller 29", "3, 12, 18, 19, 20, 21 or 29"});
}

template <typename Place>
void EncodePlace(const Place& place, FactContent* content) {
  content->header.code = static_cast<uint16_t>(place.service_type());
  content->header.reference = LocalNumber(content->header.sender, place.application_id());
}

MaybeViolation CheckDeclined(const v1::Event& e, const CheckContext&) {
  if (!v1::PlaceDeclined::By_IsValid(e.place_declined().by()))
    return NotOneOf("place_declined.by", *v1::PlaceDeclined::By_descriptor());
  return CheckPlace(e.place_declined(), "place_declined");
}

void EncodeDeclined(const v1::Event& e, FactContent* content) {
  EncodePlace(e.place_declined(), content);
  if (e.place_declined().by() != 0) content->values = {e.place_declined().by()};
}

MaybeViolation CheckRoom(const v1::Event& e, const CheckContext&) {
  if (e.room_taken().kind() == 0 || !v1::RoomTaken::Kind_IsValid(e.room_taken().kind()))
    return NotOneOf("room_taken.kind", *v1::RoomTaken::Kind_descriptor());
  return CheckText(e.room_taken().service_id(), "room_taken.service_id");
}

void EncodeRoom(const v1::Event& e, FactContent* content) {
  content->header.code = static_cast<uint16_t>(e.room_taken().kind());
  content->header.reference = LocalNumber(content->header.sender, e.room_taken().service_id());
}

const CodeTexts& RoomKinds() {
  static const CodeTexts texts = {
      {v1::RoomTaken::KIND_SINGLE_WITH_BATH, "Enerom med eget bad", "Single room with bath"},
      {v1::RoomTaken::KIND_SINGLE_WITHOUT_BATH, "Enerom uten eget bad", "Single room without bath"},
      {v1::RoomTaken::KIND_DOUBLE, "Tosengsrom", "Double room"},
      {v1::RoomTaken::KIND_DOUBLE_AGAINST_WISH, "Tosengsrom mot eget ønske",
       "Double room against one's wish"}};
  return texts;
}

std::vector<FieldDescriptor> RoomFields() {
  return {{.name = "kind",
           .nb = "Type rom",
           .en = "Kind of room",
           .type = FieldType::kCode,
           .codes = RoomKinds,
           .number = [](const Fact& fact) -> std::optional<int64_t> { return fact.code; }},
          {.name = "service",
           .nb = "Hvilken tjeneste det gjelder",
           .en = "Which service it is about",
           .type = FieldType::kReference,
           .number = [](const Fact& fact) -> std::optional<int64_t> {
             return static_cast<int64_t>(fact.reference);
           }}};
}

std::vector<FieldDescriptor> ApplicationFields() {
  return {
      {.name = "application",
       .nb = "Hvilken søknad det gjelder",
       .en = "Which application it is about",
       .type = FieldType::kReference,
       .number = [](const Fact& fact) -> std::optional<int64_t> {
         return static_cast<int64_t>(PlaceFact{fact}.application());
       }},
      {.name = "service_type",
       .nb = "Type plass",
       .en = "Type of place",
       .type = FieldType::kCode,
       .sensitive = true,
       .codes = ServiceTypeTexts,
       .code_list = "kodeverk 9151",
       .number = [](const Fact& fact) -> std::optional<int64_t> { return PlaceFact{fact}.service_type(); }}};
}

const CodeTexts& DecliningParties() {
  static const CodeTexts texts = {{v1::PlaceDeclined::BY_MUNICIPALITY, "Kommunen", "The municipality"},
                                  {v1::PlaceDeclined::BY_APPLICANT, "Søkeren", "The applicant"}};
  return texts;
}

std::vector<FieldDescriptor> DeclinedFields() {
  std::vector<FieldDescriptor> fields = ApplicationFields();
  fields.push_back(
      {.name = "by",
       .nb = "Hvem som avslo eller trakk, der det er oppgitt",
       .en = "Who declined or withdrew it, where it is told",
       .type = FieldType::kCode,
       .sensitive = true,
       .codes = DecliningParties,
       .number = [](const Fact& fact) -> std::optional<int64_t> { return PlaceDeclinedFact{fact}.by(); }});
  return fields;
}

}  // namespace

std::vector<FactDescriptor> PlaceFacts() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {.kind = FactKind::kRoomTaken,
       .subjects = {kPerson},
       .what = "A room is taken: single with bath, double, double against one's will",
       .check = CheckRoom,
       .encode = EncodeRoom,
       .title_nb = "Rom tas i bruk",
       .fields = RoomFields()},
      {.kind = FactKind::kPlaceApplied,
       .subjects = {kPerson},
       .what = "A place is applied for",
       .check = [](const v1::Event& e,
                   const CheckContext&) { return CheckPlace(e.place_applied(), "place_applied"); },
       .encode = [](const v1::Event& e, FactContent* content) { EncodePlace(e.place_applied(), content); },
       .service_type = [](const v1::Event& e) { return e.place_applied().service_type(); },
       .title_nb = "Plass søkes",
       .fields = ApplicationFields()},
      {.kind = FactKind::kPlaceGranted,
       .subjects = {kPerson},
       .what = "A place is granted",
       .check = [](const v1::Event& e,
                   const CheckContext&) { return CheckPlace(e.place_granted(), "place_granted"); },
       .encode = [](const v1::Event& e, FactContent* content) { EncodePlace(e.place_granted(), content); },
       .service_type = [](const v1::Event& e) { return e.place_granted().service_type(); },
       .title_nb = "Plass innvilges",
       .fields = ApplicationFields()},
      {.kind = FactKind::kPlaceDeclined,
       .subjects = {kPerson},
       .what = "An application or a place is declined",
       .check = CheckDeclined,
       .encode = EncodeDeclined,
       .service_type = [](const v1::Event& e) { return e.place_declined().service_type(); },
       .title_nb = "Søknad eller plass avslås",
       .fields = DeclinedFields()},
  };
}

}  // namespace kpr
