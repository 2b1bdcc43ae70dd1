// The web page in a real browser: page.mjs ADDRESS FOLDER. Walks as a stranger would, by mouse and by keyboard only, in two
// languages and two sizes, and writes down every answer that the browser received, as JSON in FOLDER/received.json.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const need = createRequire(join(process.env.KPR_WEB_CLIENTS, "package.json"));
const { chromium } = need("playwright-core");
const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

const [, , address, folder] = process.argv;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--lang=nb"] });
const received = [];
const faults = [];
const check = (holds, what) => { if (!holds) faults.push(what); };

async function open(width, path) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
  page.setDefaultTimeout(120_000); // a busy machine is slow, not wrong
  page.on("pageerror", (error) => faults.push(`${path}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && faults.push(`${path}: ${message.text()}`));
  page.on("request", (request) => check(/^(data|blob):/.test(request.url()) || request.url().startsWith(address), `asks elsewhere: ${request.url()}`));
  page.on("response", async (response) => {
    if (/json|csv|xml|html|javascript/.test(response.headers()["content-type"] ?? "") && response.status() === 200)
      received.push({ url: response.url(), body: await response.text().catch(() => "") });
  });
  await page.goto(address + path, { waitUntil: "networkidle" });
  return page;
}

// The stranger's question, in four clicks from the start page: does my municipality differ from its peers beyond chance,
// and what has changed since the last release?
async function stranger() {
  const page = await open(1280, "/?lang=en");
  await page.getByLabel("How is my municipality?").fill("berg");
  await page.getByRole("link", { name: /Bergen/ }).click(); // 1
  await page.getByRole("heading", { level: 1, name: "Bergen" }).waitFor();
  await page.getByRole("link", { name: /^Medication review/ }).first().click(); // 2
  await page.locator(".answer .standing").waitFor();
  const standing = await page.locator(".answer .standing").innerText();
  check(/similar municipalities/.test(standing), `no verdict on chance: ${standing}`);
  await page.getByRole("link", { name: "What has changed since the last release, and why" }).click(); // 3
  await page.getByRole("heading", { level: 1, name: /What has changed/ }).waitFor();
  check((await page.locator("tbody tr").count()) > 0, "no revision is listed");
  check((await page.locator("tbody").first().innerText()).includes("Late or corrected information"), "no cause is told");
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: /^Medication review/ }).waitFor();
  await page.close();
}

async function keyboardOnly() {
  const page = await open(1280, "/?lang=en");
  const tabTo = async (wanted) => {
    for (let i = 0; i < 80; ++i) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => { const e = document.activeElement; return `${e?.getAttribute("aria-label") ?? ""} ${e?.textContent ?? ""} ${e?.id ?? ""} ${e?.getAttribute("placeholder") ?? ""}`; });
      if (wanted.test(at)) return true;
    }
    faults.push(`the keyboard does not reach ${wanted}`);
    return false;
  };
  await tabTo(/Type the name of a municipality/);
  await page.keyboard.type("stavanger");
  await tabTo(/^ Stavanger/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Stavanger" }).waitFor();
  await page.locator(".row").nth(3).waitFor();
  await page.waitForLoadState("networkidle");
  await tabTo(/^ Medication review/);
  await page.keyboard.press("Enter");
  await page.locator(".chart [data-point]").first().waitFor();
  await tabTo(/^2024: /);
  const spoken = new Set();
  for (let i = 0; i < 3; ++i) {
    spoken.add(await page.evaluate(() => document.activeElement.getAttribute("aria-label")));
    await page.keyboard.press("ArrowLeft");
  }
  check(spoken.size === 3 && [...spoken].every((text) => /^20\d\d: /.test(text)), `points are not spoken: ${[...spoken]}`);
  check((await page.locator(".tip").count()) === 1, "the focused point shows no words");
  await page.close();
}

const views = ["", "&view=place&area=4601", "&view=place&area=46", "&view=indicator&table=care.medication_review&area=4601",
  "&view=indicator&table=care.medication_review&area=4601&chart=intervals", "&view=indicator&table=care.user_experience&chart=map&area=5001",
  "&view=indicator&table=care.occupancy", "&view=experience&area=4601", "&view=experience", "&view=capacity&area=4601", "&view=capacity", "&view=changes&area=4601", "&view=about", "&view=indicator&table=care.medication_review&area=4601&embed=time"];
async function everyView() {
  const walk = async (width) => {
    for (const lang of ["nb", "en"]) {
      for (const view of views) {
        const page = await open(width, `/?lang=${lang}${view}`);
        const name = `${width} ${lang} ${view}`;
        check((await page.locator("h1").count()) === 1, `${name}: not one heading`);
        check((await page.locator(".failed").count()) === 0, `${name}: something could not be loaded`);
        check((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${name}: wider than the window`);
        if (view.includes("chart=map")) {
          await page.locator("path.tile").first().waitFor();
          check((await page.locator("path.tile").count()) === 2, `${name}: not the borders that were given`);
        }
        await page.evaluate(axe);
        for (const violation of (await page.evaluate(() => window.axe.run(document))).violations)
          faults.push(`${name}: ${violation.id}: ${violation.nodes[0].html.slice(0, 150)}`);
        await page.close();
      }
    }
  };
  await Promise.all([walk(1280), walk(360)]);
}

// A chart has its width when it is first shown, not when the browser tells of sizes some time later.
async function widthAtOnce() {
  for (const view of views.filter((each) => each.includes("table="))) {
    const context = await browser.newContext({ viewport: { width: 360, height: 900 } });
    await context.addInitScript(() => { window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} }; });
    const page = await context.newPage();
    await page.goto(`${address}/?lang=nb${view}`, { waitUntil: "networkidle" });
    await page.locator(".chart > svg").first().waitFor();
    check((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${view}: wider than the window at first`);
    await context.close();
  }
}

// The drawing, its table, the CSV behind it and the API say the same.
async function sameEverywhere() {
  const page = await open(1280, "/?lang=en&view=indicator&table=care.medication_review&area=4601");
  const frame = page.locator("figure").first();
  const drawn = await frame.locator("[data-point]").evaluateAll((points) => points.map((point) => point.getAttribute("aria-label")));
  await frame.getByRole("button", { name: "Table" }).click();
  const rows = (await frame.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)))).filter((row) => row[1] === "Bergen");
  const csv = (await (await fetch(new URL(await frame.locator("a[download]").getAttribute("href"), address))).text()).trim().split("\r\n");
  const api = await (await fetch(`${address}/api/open/v1/kpr/table/care.medication_review/data?GEO=4601&AAR=*&MEASURE_TYPE=value`)).json();
  const periods = Object.keys(api.dimension.AAR.category.index);
  check(drawn.length === periods.length && rows.length === periods.length, "not every period is there");
  periods.forEach((period, index) => {
    const value = api.value[index];
    const text = value === null ? "" : value.toFixed(1);
    check(rows[index][0] === period && rows[index][2] === text, `table ${rows[index]} is not ${text}`);
    check(value === null ? !/\d %/.test(drawn[index]) : drawn[index].startsWith(`${period}: ${text} %`), `drawn ${drawn[index]} is not ${text}`);
    check(csv.some((line) => line.startsWith(`4601,Bergen,${period},${period},value,`) && line.includes(`,${text},`)), `no line of the CSV has ${period} ${text}`);
  });
  await page.close();
}

// The views of several indicators show what the API says of each.
async function sameOfSeveral() {
  const value = async (table, measure) => {
    const api = await (await fetch(`${address}/api/open/v1/kpr/table/care.${table}/data?GEO=4601&AAR=2024&MEASURE_TYPE=${measure}`)).json();
    return api.value[0];
  };
  const page = await open(1280, "/?lang=en&view=capacity&area=4601");
  const cells = page.getByRole("row", { name: /^Long stay/ }).getByRole("link");
  const tables = { long_stay_places: 1, occupancy_long_stay: 1, waiting_for_place: 0, place_waiting_days: 0 };
  check((await cells.count()) === 4, `${await cells.count()} figures of long stays`);
  let at = 0;
  for (const [table, decimals] of Object.entries(tables)) {
    const text = (await cells.nth(at++).innerText()).replace(/^[^:]*:\s*|[ ,%]/g, "");
    const told = await value(table, "value");
    check(told === null || Number(text) === Number(told.toFixed(decimals)), `${table}: ${text} is not ${told}`);
  }
  const csv = decodeURIComponent((await page.locator("a[download]").getAttribute("href")).split(",").slice(1).join(","));
  check(csv.startsWith("Area,GEO,Kind of place,Measure,") && csv.includes("Bergen,4601,Long stay,Waiting,"), `the file begins ${csv.slice(0, 200)}`);
  await page.goto(`${address}/?lang=en&view=experience&area=4601`, { waitUntil: "networkidle" });
  const frame = page.locator("figure").first();
  check((await frame.locator("[data-point]").count()) + (await frame.locator(".missing-list li").count()) === 2, "not two questions of users");
  await frame.getByRole("button", { name: "Table" }).click();
  const rows = await frame.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  const told = await value("user_experience", "value"), answers = await value("user_experience", "denominator");
  check(rows.length === 2 && rows[0][2] === (told === null ? "" : told.toFixed(1)) && rows[0][5] === (answers === null ? "" : String(answers)), `experience ${rows[0]} is not ${told} of ${answers}`);
  // Of relatives the country's rate alone is published.
  const rates = page.locator("section[aria-labelledby=rates-heading]");
  check((await rates.locator(".missing-list").innerText()).includes("Response rate, relatives: "), "nothing says why the place has no rate of relatives");
  await rates.getByRole("button", { name: "Table" }).click();
  const rated = await rates.locator("tr").evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  const invited = await value("user_response_rate", "denominator");
  check(rated.length === 3 && rated[0][5] === "Invited" && rated[1][5] === (invited === null ? "" : String(invited)), `response rates ${rated} of ${invited}`);
  await page.close();
}

async function firstView() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  let bytes = 0;
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  await page.goto(address + "/?lang=nb", { waitUntil: "networkidle" });
  check(bytes <= 120_000, `the first view is ${bytes} bytes`);
  await page.close();
  return bytes;
}

let bytes = 0;
try {
  await stranger();
  await keyboardOnly();
  await everyView();
  await widthAtOnce();
  await sameEverywhere();
  await sameOfSeveral();
  bytes = await firstView();
} catch (error) {
  faults.push(String(error));
}
await browser.close();
writeFileSync(join(folder, "received.json"), JSON.stringify(received));
if (faults.length) {
  console.log(faults.join("\n"));
  process.exit(1);
}
console.log(`${views.length} views in two languages and sizes; first view ${bytes} bytes; ${received.length} answers received`);
