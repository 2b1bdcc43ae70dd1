// An event from its proto3 JSON form. What is written as every tool writes it takes a short way, all else
// protobuf's own reader, which is ten times slower. Source: ProtoJSON of the Protocol Buffers documentation.
#pragma once

#include <memory>
#include <string_view>

#include "base/status.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

// One thread at a time; reused for many lines.
class JsonEventReader {
 public:
  JsonEventReader();
  ~JsonEventReader();
  // kInvalid: the reason, without the line's content, which can hold an identity number.
  Status Read(std::string_view line, v1::Event* event);
  // Whether the last line took the short way.
  bool took_short_way() const { return short_way_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  bool short_way_ = false;
};

}  // namespace kpr
