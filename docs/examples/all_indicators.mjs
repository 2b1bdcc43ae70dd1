// Every indicator of every municipality as one table: node all_indicators.mjs [ADDRESS] >all.csv
const base = (process.argv[2] ?? "http://127.0.0.1:8080") + "/api/open/v1/kpr";
const tables = await (await fetch(`${base}/indicator?lang=en`)).json();
// Other columns, such as sex, are at their total. JSON-stat is easier to read in JavaScript than CSV.
const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
console.log("GEO,GEO_label,AAR,MEASURE_TYPE,value,status,indicator,title,unit");
for (const table of tables) {
  const answer = await fetch(`${base}/table/${table.table}/data?GEO=????&AAR=*&MEASURE_TYPE=value,lower,upper&lang=en`);
  if (!answer.ok) throw new Error(`${answer.status} ${(await answer.json()).detail}`);
  const data = await answer.json();
  // By their places: JavaScript puts keys that look like numbers in an order of its own.
  const codes = data.id.map((name) => Object.entries(data.dimension[name].category.index).sort((a, b) => a[1] - b[1]).map(([code]) => code));
  data.value.forEach((value, index) => {
    let rest = index;
    const at = {};
    for (let d = codes.length - 1; d >= 0; --d) {
      at[data.id[d]] = codes[d][rest % codes[d].length];
      rest = Math.floor(rest / codes[d].length);
    }
    const name = data.dimension.GEO.category.label[at.GEO];
    console.log([at.GEO, name, at.AAR, at.MEASURE_TYPE, value ?? "", data.status[index] ?? "", table.id, table.title, table.unit].map((one) => quoted(String(one))).join(","));
  });
}
