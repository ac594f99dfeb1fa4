import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

export const WIDTHS = [1440, 390] as const;
export const THEMES = ["dark", "light"] as const;

const FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Three dimensions, drawn by the processor. */
const WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const NO_WEBGL = ["--disable-gpu", "--disable-3d-apis"];

/** Debian's Chromium, headless. */
export function openBrowser({ webGl = false } = {}): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: [...FLAGS, ...(webGl ? WEBGL : NO_WEBGL)] });
}

type Wanted = { width?: number; theme?: "dark" | "light"; still?: boolean; scale?: number };

/** A window of a visitor of its own; what its page complains about is in `complaints`. */
export async function openWindow(
  browser: Browser,
  { width = 1440, theme = "dark", still = false, scale = 1 }: Wanted = {},
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    deviceScaleFactor: scale,
    timezoneId: "UTC",
    locale: "en-GB",
    colorScheme: theme,
    reducedMotion: still ? "reduce" : "no-preference",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text().slice(0, 200)));
  return { page, context, complaints };
}

const ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The rules of axe, of those above, that look at colours. */
const OF_COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/** What axe finds against WCAG A and AA, one line each. */
export const violations = (page: Page): Promise<string[]> => foundBy(page, ALL);

async function foundBy(page: Page, runOnly: object): Promise<string[]> {
  // The policy of the site forbids foreign scripts: the checker comes in by the debugger, not by the page.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    const axe = (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Found[] }> } }).axe;
    type Found = { id: string; nodes: { html: string; failureSummary?: string }[] };
    // What lies under the bar at the top is scrolled to by whoever wants it.
    scrollTo(0, 0);
    // A colour half-way to that of another theme is nobody's choice. What never ends is not waited for.
    const ending = document
      .getAnimations()
      .filter((each) => Number.isFinite(Number(each.effect?.getComputedTiming().endTime)));
    await Promise.allSettled(ending.map((each) => each.finished));
    const { violations: found } = await axe.run({ runOnly: rules });
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary?.slice(0, 160) ?? ""}`),
    );
  }, runOnly);
}

/**
 * What is wrong with a page as it stands, dark and light: that it is wider than its window, and what axe finds. One page
 * follows the system from one theme to the other, which changes its colours alone. Where something is wrong a picture is
 * kept as test-results/NAME-THEME.png.
 */
export async function flaws(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`html[data-theme="${theme}"]`).waitFor();
    const wider = await overflow(page);
    const wrong = await foundBy(page, theme === THEMES[0] ? ALL : OF_COLOURS);
    if (wider > 0) wrong.unshift(`${wider} px wider than the window`);
    if (wrong.length > 0) await page.screenshot({ path: `test-results/${name}-${theme}.png`, fullPage: true });
    found.push(...wrong.map((each) => `${theme}: ${each}`));
  }
  return found;
}

/** The same at each width: a page stays open while its window changes, as a visitor's does. */
export async function flawsAtEachWidth(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    // A picture of the new size has been drawn.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    found.push(...(await flaws(page, `${name}-${width}`)).map((flaw) => `${width} px, ${flaw}`));
  }
  return found;
}

/** By how many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
