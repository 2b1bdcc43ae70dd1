// Stocks: whom and what an indicator counts at the end of each month, emitted by changes.
#pragma once

#include "indicators/evaluation/evaluation.h"

namespace kpr {

// What a subject counts for on one observation.
struct Stock {
  bool present = false;
  uint8_t age = 0;
  uint32_t classes = 0;  // bit per class
  int64_t amount = 0;    // one, or what is reported, or hours in hundredths
  CellPlace place;
  bool operator==(const Stock&) const = default;
};

// From `before` to `after`, both in one cell or one of them nothing.
void EmitStockChange(const PlanStep& step, const Stock& before, const Stock& after,
                     ObservationWindow observation, Evaluation* evaluation);

// stock_at(observation, Stock*) fills in the stock of each observation where there is one, but for the age.
template <typename StockAt>
void EmitStock(const PlanStep& step, Evaluation* evaluation, StockAt stock_at) {
  const ObservationGrid& grid = evaluation->grid();
  Stock last;
  for (size_t i = 0; i < grid.size(); ++i) {
    Stock now;
    if (!evaluation->Excluded(grid[i].day)) stock_at(i, &now);
    if (now.present) now.age = evaluation->BandAt(i);
    if (now == last) continue;
    if (last.present && now.present && last.place == now.place && last.age == now.age) {
      EmitStockChange(step, last, now, grid[i], evaluation);
    } else if (!evaluation->EmittedBefore(i)) {
      if (last.present) EmitStockChange(step, last, {}, grid[i], evaluation);
      if (now.present) EmitStockChange(step, {}, now, grid[i], evaluation);
    }
    last = now;
  }
}

}  // namespace kpr
