// What people read in Norwegian is Norwegian: findings, definitions and questionnaires.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "ingest/feedback/finding_text.h"
#include "tests/support/english_words.h"
#include "tests/support/harness.h"

namespace kpr {
namespace {

using test::EnglishWordIn;

// Every kpr.v1.Text within the message.
void CheckTexts(const google::protobuf::Message& message, int* checked) {
  if (message.GetDescriptor() == v1::Text::descriptor()) {
    const auto& text = dynamic_cast<const v1::Text&>(message);
    EXPECT_EQ(EnglishWordIn(text.nb()), "") << text.nb();
    EXPECT_FALSE(text.nb().empty() || text.en().empty()) << text.nb() << text.en();
    ++*checked;
    return;
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto* reflection = message.GetReflection();
    if (!field->is_repeated()) {
      CheckTexts(reflection->GetMessage(message, field), checked);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i)
      CheckTexts(reflection->GetRepeatedMessage(message, field, i), checked);
  }
}

TEST(NorwegianText, TheWordListCatchesMixedSentences) {
  EXPECT_EQ(EnglishWordIn("municipality er ikke en kode i the municipality classification"), "municipality");
  EXPECT_EQ(EnglishWordIn("inhabitants må være six counts of men"), "six");
  EXPECT_EQ(EnglishWordIn("capacity.places må være 0 til 10, eller minst rooms_with_bath"), "");
}

TEST(NorwegianText, FindingsAreInBothLanguages) {
  for (const FindingDescriptor& finding : FindingDescriptors()) {
    EXPECT_EQ(EnglishWordIn(std::string(finding.nb)), "") << finding.nb;
    EXPECT_FALSE(std::string(finding.nb).empty() || std::string(finding.en).empty());
  }
}

TEST(NorwegianText, DefinitionsAreInBothLanguages) {
  int checked = 0;
  for (const auto& definition : test::DefaultPlan().Get()->catalogue.definitions)
    CheckTexts(definition, &checked);
  EXPECT_GT(checked, 150);
}

}  // namespace
}  // namespace kpr
