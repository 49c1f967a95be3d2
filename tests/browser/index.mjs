/* The page of a batch's cases in a real browser: node index.mjs qc/index.html
   Checks: sorting, filter, keys, verdicts that survive a reload, the saved qc.tsv (its path is printed), layout, axe-core.
   TENO_SHOTS names a folder for screenshots. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const failures = [];
const expect = (ok, what) => { if (!ok) failures.push(what); };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const url = pathToFileURL(process.argv[2]).href;
for (const [width, colorScheme] of [[360, "light"], [1280, "light"], [1280, "dark"]]) {
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, colorScheme })).newPage();
  page.on("console", (message) => message.type() === "error" && failures.push(`console: ${message.text()}`));
  await page.goto(url);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide <= 0, `${width} px: ${wide} px too wide`);
  await page.evaluate(axeSource);
  for (const violation of (await page.evaluate(() => window.axe.run())).violations)
    if (["serious", "critical"].includes(violation.impact)) failures.push(`${width} px ${colorScheme}: axe ${violation.id}: ${violation.nodes.map((n) => n.target).join(" ")}`);
  if (process.env.TENO_SHOTS)
    await page.screenshot({ path: path.join(process.env.TENO_SHOTS, `index_${width}_${colorScheme}.png`) });
}

const page = await (await browser.newContext({ acceptDownloads: true, viewport: { width: 1280, height: 900 } })).newPage();
page.on("pageerror", (error) => failures.push(String(error)));
await page.goto(url);
const names = () => page.$$eval("tbody tr", (rows) => rows.filter((r) => !r.hidden).map((r) => r.dataset.case));
const selected = () => page.$eval("tr[aria-selected=true]", (r) => r.dataset.case);
const all = await names();
expect(all.length > 2, "fewer than three cases: nothing to test with");
await page.click("th button");
await page.click("th button");
expect((await names()).join() === [...all].reverse().join(), "not sorted the other way round");
expect((await page.getAttribute("th", "aria-sort")) === "descending", "the order is not told");
await page.click("th button");
await page.fill("#filter", "failed");
const failed = await names();
expect(failed.length > 0 && failed.length < all.length, `the filter shows ${failed.length} of ${all.length}`);
await page.fill("#filter", "");
await page.keyboard.press("Escape");
await page.keyboard.press("j");
expect((await selected()) === all[0], "j does not select the first case");
await page.keyboard.press("a");
expect((await selected()) === all[1], "a verdict does not go on to the next case");
await page.keyboard.press("r");
await page.keyboard.press("c");
await page.keyboard.press("k");
await page.keyboard.press("u");
await page.keyboard.press("c");
await page.reload();
const verdicts = await page.$$eval("tbody tr", (rows) => rows.map((r) => r.cells[5].textContent));
expect(verdicts.slice(0, 3).join() === "accept,reject,correct", `verdicts after a reload: ${verdicts.join()}`);
if (process.env.TENO_SHOTS) {
  await page.keyboard.press("j");
  await page.screenshot({ path: path.join(process.env.TENO_SHOTS, "index_selected.png") });
}
const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
await download.saveAs(process.argv[3]);
await browser.close();
for (const failure of failures) console.error(failure);
process.exit(failures.length ? 1 : 0);
