#include "app/commands/variation_output.h"

#include <fmt/format.h>

#include <iostream>

namespace kpr {
namespace {

constexpr uint32_t kShareDecimals = 1, kRatioDecimals = 3;

using Cells = std::vector<std::string>;

Cells ShareCells(Cells cells, const v1::VariationShare& share) {
  for (const double value : {share.share(), share.lower(), share.upper()})
    cells.push_back(Number(100 * value, kShareDecimals));
  return cells;
}

Cells RatioCells(Cells cells, const v1::AttributeRatio& ratio) {
  for (const double value : {ratio.ratio(), ratio.lower(), ratio.upper()})
    cells.push_back(Number(value, kRatioDecimals));
  return cells;
}

void PrintHead(const v1::VariationReport& report) {
  std::cout << fmt::format("{} version {}, {}: {} municipalities.", report.indicator(), report.version(),
                           report.period(), report.municipalities());
  if (report.without_value() + report.too_few() + report.without_attributes() > 0) {
    std::cout << fmt::format(
        " Left out: {} without a value, {} with too few expected\nevents, {} with an attribute that is not "
        "known.",
        report.without_value(), report.too_few(), report.without_attributes());
  }
  std::cout << "\n";
  if (report.attributes_from() != 0) {
    std::cout << (report.attributes_from() == report.attributes_to()
                      ? fmt::format("Attributes: of {}.\n", report.attributes_to())
                      : fmt::format("Attributes: of {} to {}.\n", report.attributes_from(),
                                    report.attributes_to()));
  }
  if (report.unused_rows() > 0)
    std::cout << fmt::format("Not used: {} of codes that were merged or split since.\n",
                             Plural(report.unused_rows(), "row"));
  if (report.provisional()) std::cout << report.period() << " is not over: its values are provisional.\n";
  std::cout << "Of the variation between them, in % with 95 % intervals:\n\n";
}

void PrintParts(const v1::VariationReport& report) {
  TextTable parts{{"part", "share", "lower", "upper"}, {}};
  parts.rows.push_back(ShareCells({"chance"}, report.chance()));
  parts.rows.push_back(ShareCells({"goes with age and sex"}, report.age_and_sex()));
  if (report.by_attribute_size() > 0)
    parts.rows.push_back(ShareCells({"goes with the attributes"}, report.attributes()));
  parts.rows.push_back(ShareCells({"left"}, report.left()));
  Print(parts, Output::kTable);
  if (report.by_attribute_size() == 0) return;
  TextTable shares{{"attribute", "alone", "lower", "upper", "beside the others", "lower", "upper"}, {}};
  TextTable ratios{{"ratio of what is expected", "ratio", "lower", "upper"}, {}};
  for (const v1::AttributeVariation& attribute : report.by_attribute()) {
    shares.rows.push_back(
        ShareCells(ShareCells({attribute.attribute()}, attribute.alone()), attribute.beside_all_others()));
    for (const v1::AttributeRatio& ratio : attribute.ratios())
      ratios.rows.push_back(RatioCells({ratio.step()}, ratio));
  }
  std::cout << "\n";
  Print(shares, Output::kTable);
  std::cout << "\n";
  Print(ratios, Output::kTable);
}

TextTable RowsOf(const v1::VariationReport& report) {
  TextTable rows{{"figure", "name", "estimate", "lower", "upper"}, {}};
  rows.rows.push_back(ShareCells({"share", "chance"}, report.chance()));
  rows.rows.push_back(ShareCells({"share", "age_and_sex"}, report.age_and_sex()));
  rows.rows.push_back(ShareCells({"share", "attributes"}, report.attributes()));
  rows.rows.push_back(ShareCells({"share", "left"}, report.left()));
  for (const v1::AttributeVariation& attribute : report.by_attribute()) {
    rows.rows.push_back(ShareCells({"share_alone", attribute.attribute()}, attribute.alone()));
    rows.rows.push_back(
        ShareCells({"share_beside_all_others", attribute.attribute()}, attribute.beside_all_others()));
    for (const v1::AttributeRatio& ratio : attribute.ratios())
      rows.rows.push_back(RatioCells({"ratio", ratio.step()}, ratio));
  }
  return rows;
}

}  // namespace

void PrintVariation(const v1::VariationReport& report, Output output) {
  if (output == Output::kJson) {
    PrintJson(report);
  } else if (output == Output::kCsv) {
    Print(RowsOf(report), output);
  } else {
    PrintHead(report);
    PrintParts(report);
    std::cout
        << "\nWhat goes with an attribute is not thereby its effect: municipalities differ in much that no "
           "attribute tells.\n";
  }
}

}  // namespace kpr
