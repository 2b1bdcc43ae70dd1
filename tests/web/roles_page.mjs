// The page of roles in a real browser with a client certificate: roles_page.mjs ADDRESS KEYS FOLDER. A municipality reads its
// figures and objects; axe finds nothing, in two languages and two sizes. Pictures of it are left in FOLDER.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
const need = createRequire(join(process.env.KPR_WEB_CLIENTS, "package.json"));
const { chromium } = need("playwright-core");
const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

const [, , address, keys, folder] = process.argv;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--lang=nb"] });
const faults = [];
const check = (holds, what) => { if (!holds) faults.push(what); };

async function open(name, width, path) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    ignoreHTTPSErrors: true,
    reducedMotion: "reduce",
    clientCertificates: [{ origin: address, certPath: join(keys, `${name}.crt`), keyPath: join(keys, `${name}.key`) }],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // a busy machine is slow, not wrong
  page.on("pageerror", (error) => faults.push(`${path}: ${error.message}`));
  page.on("request", (request) => check(request.url().startsWith(address), `asks elsewhere: ${request.url()}`));
  await page.goto(address + path, { waitUntil: "networkidle" });
  return page;
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of violations) faults.push(`${what}: axe ${violation.id}: ${violation.nodes[0].html.slice(0, 200)}`);
}

for (const [language, heading] of [["nb", "Tallene for Stavanger"], ["en", "The figures of Stavanger"]]) {
  for (const width of [360, 1280]) {
    const page = await open("stavanger", width, `/roles?lang=${language}`);
    await page.getByRole("heading", { name: heading }).waitFor();
    await page.getByRole("row", { name: /2023/ }).first().waitFor();
    await accessible(page, `${language} ${width}`);
    check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${language} ${width}: wider than the window`);
    await page.screenshot({ path: join(folder, `roles-${language}-${width}.png`), fullPage: true });
    await page.context().close();
  }
}

const page = await open("stavanger", 1280, "/roles?lang=nb");
await page.getByRole("button", { name: "Meld innvending" }).click();
await page.getByText("En innvending må si hva som er galt.").waitFor();
await page.getByLabel(/hva er galt/).fill("Fire beboere mangler i 2023");
await page.getByRole("button", { name: "Meld innvending" }).click();
await page.getByText(/Svaret er lagret: innvendt/).waitFor();
await page.getByText(/Svart: innvendt av urn:kpr:stavanger/).waitFor();
await page.context().close();

// Who may not answer has no button; who is not known is told so.
const publisher = await open("publisher", 1280, "/roles?lang=en&municipality=1103");
await publisher.getByText(/1 of 357 municipalities have answered/).waitFor();
await publisher.getByText(/Answered: objected by urn:kpr:stavanger/).waitFor();
check((await publisher.getByRole("button", { name: "Approve the figures" }).count()) === 0, "a publisher may approve for a municipality");
const stranger = await open("stranger", 1280, "/roles?lang=en");
await stranger.getByRole("alert").getByText(/is not in the policy/).waitFor();

await browser.close();
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log("the page of roles holds");
