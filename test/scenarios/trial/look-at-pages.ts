import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The two sizes at which every page is looked at: a telephone in a plant, and a desk. */
const SIZES = { small: { width: 390, height: 844 }, large: { width: 1280, height: 900 } } as const;
/** Colours are the same at both sizes, so each is looked at in one of the two schemes. */
const SCHEMES = { small: 'light', large: 'dark' } as const;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Rules of WCAG 2.2 at levels A and AA, contrast among them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface Person {
  readonly login: string;
  readonly password: string;
}

export interface Look {
  readonly path: string;
  readonly text: string;
  /** What is wrong with it, in words; empty where nothing is. */
  readonly faults: readonly string[];
}

/** A person before a browser, logged in at the own company's agent. */
export interface Seat {
  /** Looks at a page at both sizes; with a folder it keeps what was seen. */
  look(path: string, folder?: string): Promise<Look>;
  readonly page: Page;
  leave(): Promise<void>;
}

/** What is wrong with a page that was made elsewhere, in light at both sizes and in dark; with a folder it keeps what was seen. */
export async function lookAt(browser: Browser, html: string, style: string, picture?: string): Promise<string[]> {
  const context = await browser.newContext({ viewport: SIZES.small });
  const page = await context.newPage();
  await page.setContent(html.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`));
  const faults = await faultsOf(page);
  if (picture) await page.screenshot({ path: `${picture}-small.png` });
  await page.setViewportSize(SIZES.large);
  const wide = await page.evaluate<number>(TOO_WIDE);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await faultsOf(page);
  if (picture) await page.screenshot({ path: `${picture}-dark.png` });
  await context.close();
  return [...faults, ...dark.map((one) => `dark: ${one}`), ...(wide > 0 ? [`it is ${wide} pixels too wide`] : [])];
}

export const openBrowser = (program: string): Promise<Browser> =>
  chromium.launch({ executablePath: program, args: ['--no-sandbox'] });

export async function takeSeat(browser: Browser, agentOrigin: string, { login, password }: Person): Promise<Seat> {
  const context = await browser.newContext({ viewport: SIZES.large });
  const page = await context.newPage();
  await page.goto(`${agentOrigin}/sign-in`);
  await page.getByLabel('Name or e-mail address').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${agentOrigin}/`);
  return {
    page,
    leave: () => context.close(),
    look: async (path, folder) => {
      const faults: string[] = [];
      const answer = await page.goto(`${agentOrigin}${path}`);
      if (answer?.status() !== 200) faults.push(`answered ${answer?.status()}`);
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme: SCHEMES[size as keyof typeof SIZES] });
        faults.push(...(await faultsOf(page)).map((fault) => `${size}: ${fault}`));
        const name = `${path.replaceAll(/[^a-z]+/g, '-')}-${size}.png`;
        if (folder) await page.screenshot({ path: join(folder, name), fullPage: true });
      }
      await page.emulateMedia({ colorScheme: 'light' });
      faults.push(...(await unreachable(page)));
      return { path, text: (await page.locator('body').textContent()) ?? '', faults };
    },
  };
}

// What runs in the page is text: it is the page's program, not this one's.
const AXE_RUN = `axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`;
const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const REACHABLE = 'a[href], button, input:not([type=hidden]), select';
const FOCUSED = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const all = [...document.querySelectorAll(${JSON.stringify(REACHABLE)})];
  return { place: all.indexOf(one), outlined: getComputedStyle(one).outlineStyle !== 'none' };
})()`;

async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<string[]>(AXE_RUN);
  const wide = await page.evaluate<number>(TOO_WIDE);
  return wide > 0 ? [...found, `it is ${wide} pixels wider than the screen`] : found;
}

/** Walks through the page with the tabulator key: every link, field and button must get the focus, in sight. */
async function unreachable(page: Page): Promise<string[]> {
  const wanted = await page.locator(REACHABLE).count();
  const seen = new Set<number>();
  // A field for a date and time stops at each of its parts.
  for (let step = 0; step < wanted * 2 + 10 && seen.size < wanted; step += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate<{ place: number; outlined: boolean } | null>(FOCUSED);
    if (at && !at.outlined) return [`the focus does not show at element ${at.place}`];
    if (at) seen.add(at.place);
  }
  return seen.size === wanted ? [] : [`the keyboard reaches ${seen.size} of ${wanted} elements`];
}
