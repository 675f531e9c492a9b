/** What a browser shows after it followed every redirect. */
export interface RobotPage {
  readonly status: number;
  readonly url: URL;
  readonly html: string;
  readonly headers: Headers;
}

export interface RobotBrowser {
  open(url: string | URL): Promise<RobotPage>;
  /**
   * Sends the one form of the page whose action ends with `action` (the first one, where none is named). Fields that the page has
   * filled in, hidden ones too, go along, as a browser does it.
   */
  submit(page: RobotPage, fields?: Readonly<Record<string, string>>, action?: string): Promise<RobotPage>;
  /** Opens a page and logs in where it is asked to: the form with a password field gets name and password. */
  logIn(url: string | URL, who: { readonly login: string; readonly password: string }): Promise<RobotPage>;
  cookies(origin: string | URL): ReadonlyMap<string, string>;
}

const MOST_REDIRECTS = 20;

/**
 * A browser without eyes, for tests and for the story: keeps cookies by host, follows redirects, submits forms, sends the Origin a browser
 * would. It runs no script, so whatever it can do a person can do with script turned off.
 *
 * @param stopAt addresses that are not fetched: the page returned names them. For a program that waits at a loopback port itself.
 */
export function robotBrowser(stopAt: (url: URL) => boolean = () => false): RobotBrowser {
  const jar: Jar = new Map();
  const go = (start: URL, method: 'GET' | 'POST', body?: URLSearchParams, origin?: string) =>
    follow(jar, stopAt, { url: start, verb: method, form: body, from: origin });
  const submit: RobotBrowser['submit'] = (page, fields = {}, action) => {
    const form = formsOf(page).find((one) => action === undefined || one.action.pathname.endsWith(action));
    if (!form) throw new Error(`the page at ${page.url.pathname} (${page.status}) has no such form: ${wordsOf(page)}`);
    return go(form.action, 'POST', new URLSearchParams({ ...form.fields, ...fields }), page.url.origin);
  };
  return {
    open: (url) => go(new URL(url), 'GET'),
    submit,
    logIn: async (url, { login, password }) => {
      const page = await go(new URL(url), 'GET');
      const form = formsOf(page).find((one) => one.passwordField !== undefined && one.nameField !== undefined);
      if (!form?.passwordField || !form.nameField) return page;
      const fields = { ...form.fields, [form.nameField]: login, [form.passwordField]: password };
      return go(form.action, 'POST', new URLSearchParams(fields), page.url.origin);
    },
    cookies: (origin) => cookiesFor(jar, new URL(origin)),
  };
}

type Jar = Map<string, Map<string, string>>;
const cookiesFor = (jar: Jar, url: URL): ReadonlyMap<string, string> => jar.get(url.hostname) ?? new Map();

interface Hop {
  readonly url: URL;
  readonly verb: 'GET' | 'POST';
  readonly form: URLSearchParams | undefined;
  readonly from: string | undefined;
}

async function follow(jar: Jar, stopAt: (url: URL) => boolean, start: Hop): Promise<RobotPage> {
  let at = start;
  for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
    const { url } = at;
    if (stopAt(url)) return { status: 0, url, html: '', headers: new Headers() };
    const response = await request(url, at.verb, at.form, at.from, cookiesFor(jar, url));
    keepCookies(jar, url, response);
    const location = response.headers.get('location');
    if (!location || response.status < 300 || response.status > 399) {
      return { status: response.status, url, html: await response.text(), headers: response.headers };
    }
    await response.body?.cancel();
    const next = new URL(location, url);
    const same = response.status === 307 || response.status === 308;
    at = same ? { ...at, url: next } : { url: next, verb: 'GET', form: undefined, from: undefined };
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects, the last one to ${at.url.origin}${at.url.pathname}`);
}

const wordsOf = (page: RobotPage): string =>
  page.html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 300);

function request(
  url: URL,
  method: 'GET' | 'POST',
  body: URLSearchParams | undefined,
  origin: string | undefined,
  cookies: ReadonlyMap<string, string>,
): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return fetch(url, {
    method,
    redirect: 'manual',
    headers: { accept: 'text/html', ...(cookie && { cookie }), ...(origin && { origin }) },
    signal: AbortSignal.timeout(20_000),
    ...(body && { body }),
  });
}

/** Cookies go back to the host that set them, whatever its port: as browsers do. */
function keepCookies(jar: Jar, url: URL, response: Response): void {
  const cookies = jar.get(url.hostname) ?? new Map<string, string>();
  jar.set(url.hostname, cookies);
  for (const line of response.headers.getSetCookie()) {
    const [pair = '', ...attributes] = line.split(';');
    const [name, value] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()];
    const ended = attributes.some((one) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(one));
    if (ended || value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
}

interface Form {
  readonly action: URL;
  readonly fields: Record<string, string>;
  readonly nameField: string | undefined;
  readonly passwordField: string | undefined;
}

function formsOf(page: RobotPage): Form[] {
  return [...page.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', inside = '']) => {
    const inputs = [...inside.matchAll(/<input\b([^>]*)>/gi)].map(([, text = '']) => attributesOf(text));
    const filled = inputs.filter((one) => one.name !== undefined && one.value !== undefined && one.type !== 'submit');
    const ofType = (types: readonly string[]) => inputs.find((one) => types.includes(one.type ?? 'text'))?.name;
    return {
      action: new URL(attributesOf(head).action ?? '', page.url),
      fields: Object.fromEntries(filled.map((one) => [one.name, one.value])),
      nameField: ofType(['text', 'email']),
      passwordField: ofType(['password']),
    };
  });
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)];
  return Object.fromEntries(
    pairs.map(([, name = '', double, single, bare]) => [name.toLowerCase(), decode(double ?? single ?? bare ?? '')]),
  );
}

const decode = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
