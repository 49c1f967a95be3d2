/* Opens report pages in a real browser: node report.mjs FOLDER PAGE.html…
   Checks: no console error, nothing loaded from outside, no sideways scrolling from 360 to 2560 px in light and dark,
   axe-core without serious findings, numbers as in the JSON beside the page, everything by keyboard, wheel, drag, wipe,
   print. TENO_SHOTS names a folder for screenshots. */
import { existsSync, readFileSync } from "node:fs";
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

async function open(file, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const name = path.basename(path.dirname(file)) + "/" + path.basename(file);
  page.on("console", (message) => message.type() === "error" && failures.push(`${name}: console: ${message.text()}`));
  page.on("pageerror", (error) => failures.push(`${name}: ${error}`));
  page.on("dialog", (dialog) => { failures.push(`${name}: a script from a header ran`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) failures.push(`${name}: loads ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  await page.waitForTimeout(150);
  return { context, page, name };
}

async function checkLayout(file) {
  for (const width of [360, 768, 1280, 2560])
    for (const colorScheme of ["light", "dark"]) {
      const { context, page, name } = await open(file, { viewport: { width, height: 900 }, colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide <= 0, `${name} at ${width} px ${colorScheme}: ${wide} px too wide`);
      if (process.env.TENO_SHOTS)
        await page.screenshot({ fullPage: true, path: path.join(process.env.TENO_SHOTS,
          `${name.replace(/\W+/g, "_")}_${width}_${colorScheme}.png`) });
      await context.close();
    }
}

async function checkAxe(file) {
  for (const [width, colorScheme] of [[360, "light"], [1280, "light"], [1280, "dark"]]) {
    const { context, page, name } = await open(file, { viewport: { width, height: 900 }, colorScheme });
    await page.evaluate(axeSource);
    const found = await page.evaluate(() => window.axe.run());
    for (const violation of found.violations)
      if (["serious", "critical"].includes(violation.impact))
        failures.push(`${name} ${width} px ${colorScheme}: axe ${violation.id}: ${violation.nodes.map((n) => n.target).join(" ")}`);
    await context.close();
  }
}

/* A shown number and what it stands for differ by no more than its last digit is worth. */
function shows(text, value) {
  const shown = text.replace(/−/g, "-").match(/[+-]?\d+(\.\d+)?/);
  if (!shown) return false;
  const decimals = (shown[1] || ".").length - 1;
  return Math.abs(Number(shown[0]) - value) <= 0.501 * 10 ** -decimals;
}

/* Every row that names a measure shows what the JSON says, the one at the top and the one in the table. */
async function checkNumbers(file) {
  const [report, compare] = ["report.json", "compare.json"].map((json) => path.join(path.dirname(file), json));
  const document = JSON.parse(readFileSync(existsSync(report) ? report : compare, "utf8"));
  const { context, page, name } = await open(file, {});
  const rows = await page.evaluate(() => [...document.querySelectorAll("tr[data-measure]")].map((row) => ({
    tendon: +row.closest("[data-tendon]").dataset.tendon, measure: row.dataset.measure,
    cells: [...row.querySelectorAll("td")].map((cell) => cell.textContent) })));
  const measured = document.tendons.some((tendon) => tendon.status === "measured" || tendon.changes);
  expect(rows.length > 0 === measured, `${name}: ${rows.length} rows of numbers`);
  for (const { tendon, measure, cells } of rows) {
    const found = document.tendons[tendon];
    const wanted = found.changes ? found.changes[measure]
      : measure.startsWith("tear_") ? found.tear[measure.slice(5)] : found[measure];
    const what = `${name}: ${measure}: "${cells.join(" | ")}" for ${JSON.stringify(wanted)}`;
    if (!found.changes) {
      if (wanted.value !== null) expect(shows(cells[0], wanted.value), what);
      else expect(cells[0].includes(wanted.reason), what);
      if (wanted.ci95) expect(cells[1].split(" to ").every((end, i) => shows(end, wanted.ci95[i])), what);
    } else if (wanted.pre.value !== null && wanted.post.value !== null) {
      const [pre, post] = cells[0].includes("→") ? cells[0].split("→") : cells;
      expect(shows(pre, wanted.pre.value) && shows(post, wanted.post.value), what);
    }
  }
  await context.close();
}

const pixels = (page, index = 0) =>
  page.evaluate((i) => document.querySelectorAll(".viewer canvas")[i].toDataURL(), index);
const settle = (page) => page.waitForTimeout(120);

async function checkViewer(file) {
  const { context, page, name } = await open(file, { viewport: { width: 1280, height: 900 } });
  if (!(await page.locator(".viewer canvas").count())) {
    await context.close();
    return;
  }
  const status = () => page.locator(".viewer .status").first().textContent();
  const canvas = page.locator(".viewer canvas").first();
  await canvas.scrollIntoViewIfNeeded();
  await canvas.focus();
  await page.keyboard.press("Home");
  const first = await status();
  await page.keyboard.press("ArrowRight");
  expect((await status()) !== first, `${name}: arrow key does not change the slice`);
  await page.keyboard.press("ArrowLeft");
  expect((await status()) === first, `${name}: arrow key does not go back`);
  await page.keyboard.press("End");
  expect((await status()) !== first, `${name}: End does nothing`);
  await page.keyboard.press("Home");
  let box = await canvas.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, -100);
  await settle(page);
  expect((await status()) !== first, `${name}: the wheel does not change the slice`);
  await page.locator('.viewer input[data-for="frame"]').first().fill("10");
  await settle(page);
  let before = await pixels(page);
  await canvas.focus();
  await page.keyboard.press("o");
  await settle(page);
  expect((await pixels(page)) !== before, `${name}: the outline does not go`);
  await page.keyboard.press("o");
  await settle(page);
  expect((await pixels(page)) === before, `${name}: the outline does not come back`);
  await canvas.scrollIntoViewIfNeeded();
  box = await canvas.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2 + 40, { steps: 4 });
  await page.mouse.up();
  await settle(page);
  expect((await pixels(page)) !== before, `${name}: dragging does not change window and level`);
  await page.keyboard.press("+");
  await page.keyboard.press("0");
  await settle(page);
  expect((await pixels(page)) === before, `${name}: reset does not bring the picture back`);
  if ((await page.locator(".viewer canvas").count()) > 1) {
    await page.keyboard.press("w");
    await settle(page);
    expect(!(await page.locator(".viewer figure").nth(1).isVisible()), `${name}: wipe keeps the second picture`);
    const left = await pixels(page);
    await page.locator('.viewer input[data-for="wipeAt"]').first().fill("0.1");
    await settle(page);
    expect((await pixels(page)) !== left, `${name}: the wipe does not move`);
    await canvas.focus();
    await page.keyboard.press("w");
  }
  await checkPlot(page, name);
  await context.close();
}

async function checkPlot(page, name) {
  const plot = page.locator(".plot > svg").first();
  await plot.focus();
  await page.keyboard.press("End");
  const text = await page.locator(".plot output").first().textContent();
  expect(/s = -?[\d.]+ mm: .+mm²/.test(text), `${name}: the plot reads out "${text}"`);
  await page.keyboard.press("ArrowLeft");
  expect((await page.locator(".plot output").first().textContent()) !== text, `${name}: the plot's arrow keys do nothing`);
}

/* Every control is reached by Tab and nothing traps it. */
async function checkTab(file) {
  const { context, page, name } = await open(file, { viewport: { width: 1280, height: 900 } });
  const wanted = await page.locator(".viewer input, .viewer button, .viewer canvas, .plot > svg").count();
  const seen = new Set();
  for (let i = 0; i < wanted + 40; i++) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => {
      const at = document.activeElement;
      return at.closest(".viewer, .plot") ? [...document.querySelectorAll("*")].indexOf(at) : -1;
    }));
  }
  seen.delete(-1);
  expect(seen.size >= wanted, `${name}: Tab reaches ${seen.size} of ${wanted} controls`);
  await context.close();
}

async function checkPrint(file) {
  const { context, page, name } = await open(file, {});
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.length > 20000, `${name}: the print has ${pdf.length} bytes`);
  await page.emulateMedia({ media: "print" });
  expect((await page.locator(".viewer:visible, .plot output:visible").count()) === 0, `${name}: controls are printed`);
  expect(await page.locator(".answer").first().isVisible(), `${name}: the answer is not printed`);
  await context.close();
}

for (const file of process.argv.slice(2)) {
  await checkLayout(file);
  await checkAxe(file);
  await checkNumbers(file);
  await checkViewer(file);
  await checkTab(file);
  await checkPrint(file);
}
await browser.close();
for (const failure of failures) console.error(failure);
process.exit(failures.length ? 1 : 0);
