// jsonstat-toolkit reads every table: toolkit.mjs ADDRESS. Each cell without a number has its reason.
import { createRequire } from "node:module";
import { join } from "node:path";
const JSONstat = createRequire(join(process.env.KPR_WEB_CLIENTS, "package.json"))("jsonstat-toolkit");

const base = process.argv[2] + "/api/open/v1/kpr";
const tables = await (await fetch(base + "/table")).json();
let cells = 0, missing = 0;
for (const table of tables) {
  const json = await (await fetch(`${base}/table/${table.tableId}/data?GEO=*&AAR=*`)).json();
  const dataset = JSONstat(json).Dataset(0);
  if (dataset.role.time[0] !== "AAR" || dataset.role.geo[0] !== "GEO") throw new Error("roles of " + table.title);
  for (let i = 0; i < dataset.n; ++i) {
    const cell = dataset.Data(i);
    ++cells;
    if (cell.value !== null && typeof cell.value !== "number") throw new Error(`${table.title}: ${cell.value} is no number`);
    if (cell.value === null && !cell.status) throw new Error(`${table.title}: cell ${i} has no reason`);
    missing += cell.value === null;
  }
}
if (cells < 1000 || missing === 0) throw new Error(`${cells} cells, ${missing} missing`);
console.log(`${cells} cells of ${tables.length} tables, ${missing} missing, each with its reason`);
