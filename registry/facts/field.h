// What a stored field of a kind of fact means, for those who are given it. Variables of extracts are made of
// these.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/facts/fact.h"

namespace kpr {

struct CodeText {
  int64_t code = 0;
  std::string nb, en;
};
using CodeTexts = std::vector<CodeText>;  // by code

enum class FieldType {
  kCode,
  kFlag,       // 0 or 1
  kCount,      // a whole number
  kAmount,     // hundredths
  kText,       // a code with letters
  kReference,  // what facts of one service, pause or application share; means nothing by itself
};

struct FieldDescriptor {
  const char* name;    // as in kpr.v1.Event, lower_snake_case
  std::string nb, en;  // meaning
  FieldType type;
  bool sensitive = false;                 // of health or need
  const CodeTexts& (*codes)() = nullptr;  // of a code
  const char* code_list = "";             // its name, where it is a national one
  // None: the sender has not said.
  std::optional<int64_t> (*number)(const Fact&) = nullptr;  // all types but text
  std::string (*text)(const Fact&) = nullptr;
};

const CodeTexts& NoAndYes();
const CodeTexts& ServiceTypeTexts();  // kodeverk 9151, of the edition in use

}  // namespace kpr
