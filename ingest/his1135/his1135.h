// The national message HIS 1135:2021 (IPLOS in KPR, v56.0.0): read as a stream, judged by its own attribute
// rules, mapped to events and written back. No external entities, no DTD, bounded depth and size.
// Source: HIS 1135:2021, attribute rules of the message specification.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/status.h"
#include "ingest/his1135/xml_stream.h"
#include "kpr/v1/event.pb.h"

namespace kpr::his1135 {

// What a broken rule does, as the specification names it.
enum class Action { kDeleteMessage, kDeleteRow, kSetNull, kSetMinusOne };
const char* ActionName(Action action);

struct Finding {
  int line = 0;
  Action action{};
  std::string attribute;  // "Bruker/@fid"
  std::string nb, en;
};

struct Contact {
  std::string name, telephone, email1, email2, type;
};

struct Header {
  std::string supplier, system, system_version, export_version, local_id;
  std::vector<Contact> contacts;
  std::string municipality;
};

struct Check {
  Header header;  // after the rules: what is set to NULL is empty
  uint64_t notifications = 0;
  uint64_t deleted_rows = 0;
  bool deleted = false;  // the whole message is marked deleted
  uint64_t findings_in_all = 0;
  std::vector<Finding> findings;  // the first 1000
};

// First reading: rules, header and municipality (which stand at the end of the message). kInvalid where it is
// no such message at all; names the line.
Result<Check> CheckMessage(const Source& source);

// Second reading: the events of every row that is not deleted, in order, with the line each begins in.
// Nothing for a deleted message.
Status ReadEvents(const Source& source, const Check& check,
                  const std::function<Status(v1::Event event, int line)>& take);

// Whether the message can carry the event at all.
bool CanCarry(const v1::Event& event);

class Writer {
 public:
  // Writes to `out`, which outlives the writer.
  Writer(std::ostream* out, Header header);
  Status Add(const v1::Event& event);
  void Finish();

 private:
  std::ostream* out_;
  Header header_;
};

}  // namespace kpr::his1135
