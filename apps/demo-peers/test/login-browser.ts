/** One page as the browser shows it, or the foreign address it was sent to (then without content). */
export interface Page {
  status: number;
  url: URL;
  html: string;
  headers: Headers;
}

/** A browser for tests: keeps cookies, follows redirects inside the provider, stops at any other address. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** @param provider origin of the provider, whose redirects are followed */
  constructor(readonly provider: string) {}

  async open(url: string | URL, form?: Record<string, string>): Promise<Page> {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
      ...(form && { body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/expires=Thu, 01 Jan 1970/i.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const { status, headers } = response;
    if (!location) return { status, headers, url: new URL(url), html: await response.text() };
    const next = new URL(location, url);
    return next.origin === this.provider ? this.open(next) : { status, headers, url: next, html: '' };
  }

  /** Sends the first form of the page. */
  submit(page: Page, form: Record<string, string>): Promise<Page> {
    const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(page.html) ?? [];
    return this.open(new URL(action, page.url), form);
  }
}
