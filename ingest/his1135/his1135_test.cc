#include "ingest/his1135/his1135.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kpr::his1135 {
namespace {

const std::string kGood = R"(<?xml version="1.0" encoding="UTF-8"?>
<Melding xmlns="http://www.npr.no/xmlstds/56_0_0_ipl" versjon="56.0.0" meldingstype="K" leverandor="L" navnEPJ="E" versjonEPJ="1" versjonUt="2">
  <Notifikasjon statusNotifikasjon="N" notifikasjonTid="2024-05-02T08:00:00Z" notifikasjonGUID="7b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e" notifikasjonForrigeGUID="00000000-0000-0000-0000-000000000000" notifikasjonLopeNr="9">
    <TjenesteStart tjenesteType="21" hendelseRegTid="2024-05-02T07:00:00+02:00" tjenesteOrgNr="974760673" hendelseDato="2024-05-01" tjenesteID="s &amp; 1" hendelseGUID="aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa">
      <Bruker pasientGUID="22222222-2222-4222-8222-222222222222" brukerNr="b-1" bydel="030101" fid="10915596784" typeID="1"/>
    </TjenesteStart>
  </Notifikasjon>
  <Notifikasjon statusNotifikasjon="M" notifikasjonTid="2024-05-03T08:00:00Z" notifikasjonGUID="{8B9E1C34-0d2f-4a58-9c61-2f3a4b5c6d7e}" notifikasjonForrigeGUID="7b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e" notifikasjonLopeNr="10" notifikasjonRef="7b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e">
    <MidlertidigStoppFra tjenesteType="21" hendelseRegTid="2024-05-03T07:00:00Z" hendelseDato="2024-05-02" tjenesteID="s1" hendelseGUID="33333333-3333-4333-8333-333333333333" midlertidigStoppID="p1">
      <Bruker pasientGUID="22222222-2222-4222-8222-222222222222" brukerNr="b-1" fid="10915596784" typeID="1"/>
    </MidlertidigStoppFra>
  </Notifikasjon>
  <Kontaktperson kontPerson="K" meldEpost1="k@example.no" typeKontaktperson="1"/>
  <Kommune kommuneNr="0301"/>
</Melding>
)";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class His1135Test : public testing::Test {
 protected:
  Source Of(std::string xml) {
    xml_ = std::move(xml);
    return {"message.xml", xml_};
  }
  std::vector<v1::Event> Events(const Check& check) {
    std::vector<v1::Event> events;
    EXPECT_TRUE(ReadEvents({"message.xml", xml_}, check, [&](v1::Event event, int) {
                  events.push_back(std::move(event));
                  return Status();
                }).ok());
    return events;
  }
  std::string xml_;
};

TEST_F(His1135Test, EverythingOfTheMessageIsMapped) {
  const auto check = CheckMessage(Of(kGood));
  ASSERT_TRUE(check.ok()) << check.status().message();
  EXPECT_EQ(check->findings_in_all, 0u);
  const auto events = Events(*check);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].municipality(), "0301");
  EXPECT_EQ(events[0].service_started().service_id(), "s & 1");
  EXPECT_EQ(events[0].service_started().service_type(), 21u);
  EXPECT_EQ(events[0].registered_at().seconds(), 1714626000);
  EXPECT_EQ(events[1].status(), v1::EVENT_STATUS_REPLACE);
  EXPECT_EQ(events[1].sequence(), 10u);
  EXPECT_EQ(events[1].event_id(), "8b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e");
  EXPECT_EQ(events[1].refers_to(), events[0].event_id());
  EXPECT_EQ(events[1].service_paused().pause_id(), "p1");
}

TEST_F(His1135Test, WrittenBackItReadsTheSame) {
  const auto check = CheckMessage(Of(kGood));
  const auto events = Events(*check);
  std::ostringstream out;
  Writer writer(&out, check->header);
  for (const auto& event : events) ASSERT_TRUE(writer.Add(event).ok());
  writer.Finish();
  const auto again = CheckMessage(Of(out.str()));
  ASSERT_TRUE(again.ok()) << again.status().message();
  const auto events_again = Events(*again);
  ASSERT_EQ(events_again.size(), events.size());
  for (size_t i = 0; i < events.size(); ++i)
    EXPECT_EQ(events_again[i].SerializeAsString(), events[i].SerializeAsString());
  EXPECT_EQ(again->header.contacts.size(), 1u);
}

TEST_F(His1135Test, EachRuleHasItsAction) {
  struct Case {
    const char *from, *to;
    Action action;
    const char* attribute;
    size_t events;
  };
  static const std::string long_supplier = "leverandor=\"" + std::string(101, 'x') + "\"";
  static const std::string long_system = "navnEPJ=\"" + std::string(101, 'x') + "\"";
  static const std::string long_version = "versjonEPJ=\"" + std::string(101, 'x') + "\"";
  static const std::string long_export = "versjonUt=\"" + std::string(101, 'x') + "\"";
  static const std::string long_number = "brukerNr=\"" + std::string(101, 'x') + "\"";
  static const std::string long_contact = "kontPerson=\"" + std::string(101, 'x') + "\"";
  const Case kCases[] = {
      {" versjon=\"56.0.0\"", "", Action::kDeleteMessage, "Melding/@versjon", 0},
      {" notifikasjonGUID=\"7b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e\"", "", Action::kDeleteMessage,
       "Notifikasjon/@notifikasjonGUID", 0},
      {" fid=\"10915596784\"", "", Action::kDeleteMessage, "Bruker/@fid", 0},
      {" typeID=\"1\"", "", Action::kDeleteMessage, "Bruker/@typeID", 0},
      {" typeID=\"1\"", " typeID=\"99\"", Action::kDeleteRow, "Bruker/@typeID", 1},
      {" brukerNr=\"b-1\"", "", Action::kDeleteRow, "Bruker/@brukerNr", 1},
      {"brukerNr=\"b-1\"", long_number.c_str(), Action::kDeleteRow, "Bruker/@brukerNr", 1},
      {"leverandor=\"L\"", long_supplier.c_str(), Action::kSetNull, "Melding/@leverandor", 2},
      {"navnEPJ=\"E\"", long_system.c_str(), Action::kSetNull, "Melding/@navnEPJ", 2},
      {"versjonEPJ=\"1\"", long_version.c_str(), Action::kSetNull, "Melding/@versjonEPJ", 2},
      {"versjonUt=\"2\"", long_export.c_str(), Action::kSetNull, "Melding/@versjonUt", 2},
      {"kontPerson=\"K\"", long_contact.c_str(), Action::kSetNull, "Kontaktperson/@kontPerson", 2},
      {"typeKontaktperson=\"1\"", "typeKontaktperson=\"20\"", Action::kSetMinusOne,
       "Kontaktperson/@typeKontaktperson", 2},
  };
  for (const Case& c : kCases) {
    const auto check = CheckMessage(Of(Replaced(kGood, c.from, c.to)));
    ASSERT_TRUE(check.ok()) << check.status().message();
    ASSERT_EQ(check->findings.size(), 1u) << c.attribute;
    EXPECT_EQ(check->findings[0].action, c.action) << c.attribute;
    EXPECT_EQ(check->findings[0].attribute, c.attribute);
    EXPECT_EQ(check->deleted, c.action == Action::kDeleteMessage);
    EXPECT_EQ(Events(*check).size(), c.events) << c.attribute;
    if (c.action == Action::kSetMinusOne) {
      EXPECT_EQ(check->header.contacts[0].type, "-1");
    }
    if (std::string(c.attribute) == "Melding/@leverandor") {
      EXPECT_EQ(check->header.supplier, "");
    }
  }
}

TEST_F(His1135Test, ARowHasExactlyOneEvent) {
  const auto check =
      CheckMessage(Of(Replaced(kGood, "    </TjenesteStart>\n", "    </TjenesteStart><TjenesteSlutt/>\n")));
  ASSERT_TRUE(check.ok());
  EXPECT_EQ(check->deleted_rows, 1u);
  EXPECT_EQ(Events(*check).size(), 1u);
}

TEST_F(His1135Test, WhatIsNoMessageIsRefusedWithItsLine) {
  const std::pair<std::string, const char*> kCases[] = {
      {"", ":"},
      {"<Melding", ":1:"},
      {"<Annet/>", "does not belong"},
      {Replaced(kGood, "versjon=\"56.0.0\"", "versjon=\"57.0.0\""), "this reads 56.0.0"},
      {Replaced(kGood, "<Melding",
                "<!DOCTYPE Melding [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n<Melding"),
       "document type"},
      {Replaced(kGood, "  <Kommune kommuneNr=\"0301\"/>\n", ""), "no Kommune"},
      {Replaced(kGood, "<Kommune", "<Kommune kommuneNr=\"1103\"/><Kommune"), "one municipality"},
      {Replaced(kGood, "brukerNr=\"b-1\" bydel", "brukerNr=\"" + std::string(5000, 'x') + "\" bydel"),
       "too long"},
      {Replaced(kGood, "typeID=\"1\"/>", "typeID=\"1\"><A/></Bruker>"), "too deep"},
  };
  for (const auto& [xml, message] : kCases) {
    const auto check = CheckMessage(Of(xml));
    ASSERT_FALSE(check.ok()) << message;
    EXPECT_NE(check.status().message().find(message), std::string::npos) << check.status().message();
  }
}

}  // namespace
}  // namespace kpr::his1135
