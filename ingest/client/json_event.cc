#include "ingest/client/json_event.h"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <simdjson.h>

#include <charconv>
#include <limits>
#include <string>

#include "base/mask.h"

namespace kpr {

struct JsonEventReader::Parser {
  simdjson::dom::parser json;
};

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using simdjson::dom::element;
using simdjson::dom::element_type;

// False: not written in the usual way, which does not mean that it is wrong.
bool ReadMessage(const element& json, Message* message);

bool ReadTimestamp(std::string_view text, google::protobuf::Timestamp* time) {
  return google::protobuf::util::TimeUtil::FromString(std::string(text), time);
}

template <typename Integer>
bool ReadInteger(const element& json, Integer* value) {
  if (json.type() == element_type::INT64 || json.type() == element_type::UINT64) {
    if (json.type() == element_type::INT64 && std::is_unsigned_v<Integer> && json.get_int64().value() < 0)
      return false;
    const uint64_t bits = json.type() == element_type::INT64 ? static_cast<uint64_t>(json.get_int64().value())
                                                             : json.get_uint64().value();
    if constexpr (std::is_same_v<Integer, uint64_t>) {
      *value = bits;
      return true;
    } else {
      const auto wide = static_cast<int64_t>(bits);
      if (json.type() == element_type::UINT64 ||
          wide > static_cast<int64_t>(std::numeric_limits<Integer>::max()) ||
          wide < static_cast<int64_t>(std::numeric_limits<Integer>::min()))
        return false;
      *value = static_cast<Integer>(wide);
      return true;
    }
  }
  if (json.type() != element_type::STRING) return false;
  const std::string_view text = json.get_string().value();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// Adds to a repeated field, sets another.
bool ReadValue(const element& json, const FieldDescriptor* field, Message* message) {
  const Reflection* reflection = message->GetReflection();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field->type() == FieldDescriptor::TYPE_BYTES || json.type() != element_type::STRING) return false;
      std::string text(json.get_string().value());
      if (repeated) {
        reflection->AddString(message, field, std::move(text));
      } else {
        reflection->SetString(message, field, std::move(text));
      }
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!ReadInteger(json, &value)) return false;
      repeated ? reflection->AddUInt32(message, field, value) : reflection->SetUInt32(message, field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (repeated || !ReadInteger(json, &value)) return false;
      reflection->SetUInt64(message, field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (repeated || json.get_double().get(value) != simdjson::SUCCESS) return false;
      reflection->SetDouble(message, field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (repeated || json.get_bool().get(value) != simdjson::SUCCESS) return false;
      reflection->SetBool(message, field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      if (repeated || json.type() != element_type::STRING) return false;
      const auto* value = field->enum_type()->FindValueByName(std::string(json.get_string().value()));
      if (value == nullptr) return false;
      reflection->SetEnum(message, field, value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return !repeated && ReadMessage(json, reflection->MutableMessage(message, field));
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return false;  // events have none
  }
  return false;
}

bool ReadField(const element& json, const FieldDescriptor* field, Message* message) {
  if (json.type() == element_type::NULL_VALUE) return false;
  const Reflection* reflection = message->GetReflection();
  // The same field twice, or two of a oneof.
  if (field->is_repeated() ? reflection->FieldSize(*message, field) > 0
                           : reflection->HasField(*message, field))
    return false;
  if (field->containing_oneof() != nullptr && reflection->HasOneof(*message, field->containing_oneof()))
    return false;
  if (!field->is_repeated()) return ReadValue(json, field, message);
  simdjson::dom::array values;
  if (json.get_array().get(values) != simdjson::SUCCESS) return false;
  for (const element value : values) {
    if (!ReadValue(value, field, message)) return false;
  }
  return true;
}

bool ReadMessage(const element& json, Message* message) {
  if (message->GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
    return json.type() == element_type::STRING &&
           ReadTimestamp(json.get_string().value(), static_cast<google::protobuf::Timestamp*>(message));
  }
  simdjson::dom::object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  for (const auto& [key, value] : fields) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(std::string(key));
    if (field == nullptr || !ReadField(value, field, message)) return false;
  }
  return true;
}

}  // namespace

JsonEventReader::JsonEventReader() : parser_(std::make_unique<Parser>()) {}
JsonEventReader::~JsonEventReader() = default;

Status JsonEventReader::Read(std::string_view line, v1::Event* event) {
  event->Clear();
  element json;
  short_way_ = parser_->json.parse(line.data(), line.size()).get(json) == simdjson::SUCCESS &&
               ReadMessage(json, event);
  if (short_way_) return {};
  event->Clear();
  const auto status = google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, event);
  if (status.ok()) return {};
  // It quotes values.
  const std::string text = WithoutLongNumbers(std::string(status.message()));
  return Invalid(text.substr(0, text.find_first_of("\n\"")).substr(0, 80));
}

}  // namespace kpr
