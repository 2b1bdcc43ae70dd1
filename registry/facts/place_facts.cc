#include "registry/facts/place_facts.h"

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

template <typename Place>
MaybeViolation CheckPlace(const Place& place, const std::string& name) {
  if (auto r = CheckText(place.application_id(), name + ".application_id")) return r;
  for (const uint32_t type : {18, 19, 20, 21, 29}) {
    if (place.service_type() == type) return std::nullopt;
  }
  return OutOfRange(name + ".service_type", {"18, 19, 20, 21 eller 29", "18, 19, 20, 21 or 29"});
}

template <typename Place>
void EncodePlace(const Place& place, FactContent* content) {
  content->header.code = static_cast<uint16_t>(place.service_type());
  content->header.reference = LocalNumber(content->header.sender, place.application_id());
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

}  // namespace

std::vector<FactDescriptor> PlaceFacts() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {FactKind::kRoomTaken,
       {kPerson},
       "A room is taken: single with bath, double, double against one's will",
       CheckRoom,
       EncodeRoom},
      {FactKind::kPlaceApplied,
       {kPerson},
       "A place is applied for",
       [](const v1::Event& e, const CheckContext&) { return CheckPlace(e.place_applied(), "place_applied"); },
       [](const v1::Event& e, FactContent* content) { EncodePlace(e.place_applied(), content); },
       [](const v1::Event& e) { return e.place_applied().service_type(); }},
      {FactKind::kPlaceGranted,
       {kPerson},
       "A place is granted",
       [](const v1::Event& e, const CheckContext&) { return CheckPlace(e.place_granted(), "place_granted"); },
       [](const v1::Event& e, FactContent* content) { EncodePlace(e.place_granted(), content); },
       [](const v1::Event& e) { return e.place_granted().service_type(); }},
      {FactKind::kPlaceDeclined,
       {kPerson},
       "An application or a place is declined",
       [](const v1::Event& e, const CheckContext&) {
         return CheckPlace(e.place_declined(), "place_declined");
       },
       [](const v1::Event& e, FactContent* content) { EncodePlace(e.place_declined(), content); },
       [](const v1::Event& e) { return e.place_declined().service_type(); }},
  };
}

}  // namespace kpr
