export interface LoginPage {
  readonly provider: string;
  /** Who asks for the login, as registered; never a text of the request. */
  readonly client: string;
  readonly uid: string;
  readonly login: string;
  readonly fault?: string;
}

/** The login form: one field each for name and password, labelled, usable without script, with the fault announced to screen readers. */
export const loginPage = ({ provider, client, uid, login, fault }: LoginPage): string =>
  page(
    `Log in to ${provider}`,
    `<h1>Log in to ${escapeHtml(provider)}</h1>
<p>${escapeHtml(client)} asks who you are.</p>
${fault ? `<p id="fault" class="fault" role="alert">${escapeHtml(fault)}</p>` : ''}
<form method="post" action="/interaction/${escapeHtml(uid)}/login">
<label for="login">Name or e-mail address</label>
<input id="login" name="login" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254" value="${escapeHtml(login)}"${fault ? ' aria-describedby="fault"' : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256">
<button type="submit">Log in</button>
</form>
<form method="post" action="/interaction/${escapeHtml(uid)}/cancel"><button type="submit" class="quiet">Cancel</button></form>`,
  );

/** A page that says what went wrong and what to do. */
export const faultPage = (provider: string, title: string, advice: string): string =>
  page(
    title,
    `<h1>${escapeHtml(title)}</h1>\n<p role="alert">${escapeHtml(advice)}</p>\n<p>${escapeHtml(provider)}</p>`,
  );

/** Nothing is loaded, no script runs, and no other site can frame the page to catch a click. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 10vh auto; padding: 0 1rem; color: #1b1b1b; background: #fff; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; border: 1px solid #595959; border-radius: 4px; }
button { margin-top: 1.5rem; padding: .6rem 1.2rem; font: inherit; border: 1px solid #0b4f8a; border-radius: 4px; background: #0b4f8a; color: #fff; }
button.quiet { margin-top: .5rem; background: #fff; color: #0b4f8a; }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.fault { padding: .5rem .75rem; border-left: 4px solid #a30000; background: #fdecec; }
</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
