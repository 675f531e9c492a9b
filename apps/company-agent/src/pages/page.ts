import type { Capacity } from '@interlock/domain';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';

export interface PageParts {
  readonly title: string;
  readonly company: string;
  readonly session?: Session | undefined;
  readonly body: Html;
}

/** One whole page: readable without style, usable without script, with one heading of the first order. */
export const page = ({ title, company, session, body }: PageParts): string =>
  html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - ${company}</title><link rel="stylesheet" href="/style.css"></head>
<body>
<a class="skip" href="#main">To the content</a>
<header><p><strong>${company}</strong> company agent</p>${session && navigation(session)}</header>
<main id="main"><h1>${title}</h1>
${body}
</main>
</body></html>
`.text;

const navigation = (session: Session): Html => html`<nav aria-label="Pages"><ul>
<li><a href="/">Inbox</a></li>${may(session, 'holder', html`<li><a href="/grants/new">Ask for access</a></li>`)}<li><a href="/grants">Grants</a></li><li><a href="/agreements">Agreements</a></li>
${may(session, 'architect', html`<li><a href="/cut">Cut</a></li>`)}${may(session, 'auditor', html`<li><a href="/audit">Audit</a></li>`)}</ul></nav>
<form method="post" action="/sign-out" class="who">${tokenField(session)}<span>${session.person.id}</span> <button>Sign out</button></form>`;

/** A link to what would only be refused helps nobody. */
const may = (session: Session, capacity: Capacity, link: Html): Html | false =>
  session.capacities.includes(capacity) && link;

/** The hidden field without which no form of a session is taken. */
export const tokenField = ({ formToken }: { readonly formToken: string }): Html =>
  html`<input type="hidden" name="formToken" value="${formToken}">`;

/** Label and value pairs as a description list. */
export const facts = (lines: readonly Fact[]): Html =>
  html`<dl>${lines.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;

export interface Fact {
  readonly label: string;
  readonly text: string;
}

export const STYLE = `:root{color-scheme:light dark;--line:#8886;--accent:#0b5fa5}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:1rem;align-items:center;justify-content:space-between;border-bottom:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:1rem;list-style:none;margin:0;padding:0}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;border-bottom:1px solid var(--line);padding:.25rem .5rem;vertical-align:top;overflow-wrap:anywhere}
label{display:block;margin-top:.75rem;font-weight:600}input,select,textarea{font:inherit;width:100%;max-width:30rem;padding:.4rem;box-sizing:border-box}
button{font:inherit;margin-top:.75rem;padding:.5rem 1rem}fieldset{border:1px solid var(--line);margin-top:1rem}
.who{display:flex;gap:.5rem;align-items:center}.who button{margin:0}.skip{position:absolute;left:-100rem}.skip:focus{left:1rem}
.no{border-left:.3rem solid #b3261e;padding-left:1rem}.yes{border-left:.3rem solid #1b7f3b;padding-left:1rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`;
