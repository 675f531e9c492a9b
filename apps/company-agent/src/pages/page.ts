import type { Capacity } from '@interlock/domain';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';

export interface PageParts {
  readonly title: string;
  readonly company: string;
  readonly session?: Session | undefined;
  readonly body: Html;
  readonly scripted?: boolean;
}

/** One whole page: readable without style, usable without script, with one heading of the first order. */
export const page = ({ title, company, session, body, scripted = false }: PageParts): string =>
  html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - ${company}</title><link rel="stylesheet" href="/style.css">${scripted && html`<script type="module" src="/passkey.js"></script>`}</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><p><strong>${company}</strong> company agent</p>${session && navigation(session)}</header>
<main id="main"><h1>${title}</h1>
${body}
</main>
</body></html>
`.text;

const navigation = (session: Session): Html => html`<nav aria-label="Pages"><ul>
<li><a href="/">Inbox</a></li>${may(session, ['holder'], html`<li><a href="/grants/new">Ask for access</a></li>`)}<li><a href="/grants">Grants</a></li><li><a href="/agreements">Agreements</a></li><li><a href="/reach">Who can reach</a></li>
${may(session, ['architect', 'approver', 'auditor'], html`<li><a href="/live">Live</a></li>`)}${may(session, ['architect'], html`<li><a href="/cut">Cut</a></li>`)}${may(session, ['architect', 'auditor'], html`<li><a href="/flows">Data flows</a></li>`)}${may(session, ['auditor'], html`<li><a href="/audit">Audit</a></li>`)}${may(session, ['approver'], html`<li><a href="/passkeys">Passkeys</a></li>`)}</ul></nav>
<form method="post" action="/sign-out" class="who">${tokenField(session)}<span>${session.person.id}</span> <button>Sign out</button></form>`;

/** A link to what would only be refused helps nobody. */
const may = (session: Session, as: readonly Capacity[], link: Html): Html | false =>
  as.some((capacity) => session.capacities.includes(capacity)) && link;

/** The hidden field without which no form of a session is taken. */
export const tokenField = ({ formToken }: { readonly formToken: string }): Html =>
  html`<input type="hidden" name="formToken" value="${formToken}">`;

/** Label and value pairs as a description list. */
export const facts = (lines: readonly Fact[]): Html =>
  html`<dl>${lines.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;

/** A table that stays readable on a narrow screen: each cell carries the name of its column. */
export const table = (columns: readonly string[], rows: readonly (readonly (Html | string | number)[])[]): Html =>
  html`<table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${rows.map((cells) => html`<tr>${cells.map((cell, at) => html`<td data-column="${columns[at]}">${cell}</td>`)}</tr>`)}</tbody></table>`;

export interface Fact {
  readonly label: string;
  readonly text: string;
}

export const STYLE = `:root{color-scheme:light dark;--line:#8886;--accent:#0b5fa5}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:center;justify-content:space-between;border-bottom:1px solid var(--line);padding-bottom:.75rem}
header nav{order:1;flex-basis:100%}
nav ul{display:flex;flex-wrap:wrap;gap:.5rem 1rem;list-style:none;margin:0;padding:0}
nav a{display:inline-block;padding:.35rem 0}main{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;border-bottom:1px solid var(--line);padding:.25rem .5rem;vertical-align:top;overflow-wrap:anywhere}
label{display:block;margin-top:.75rem;font-weight:600}input,select,textarea{font:inherit;width:100%;max-width:30rem;padding:.4rem;box-sizing:border-box}
button{font:inherit;margin-top:.75rem;padding:.5rem 1rem}fieldset{border:1px solid var(--line);margin-top:1rem}
.who{display:flex;gap:.5rem;align-items:center}.who button{margin:0}.skip{position:absolute;left:-100rem}.skip:focus{left:1rem}
.no{border-left:.3rem solid #b3261e;padding-left:1rem}.yes{border-left:.3rem solid #1b7f3b;padding-left:1rem}
.cards{list-style:none;padding:0}.cards>li{border:1px solid var(--line);border-radius:.4rem;padding:.25rem 1rem .75rem;margin:.75rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.75rem}
@media (max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}thead{display:none}tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}td{display:block;border:0;padding:.1rem 0}td::before{content:attr(data-column) ": ";font-weight:600}td:empty{display:none}}
:focus-visible,input:focus-within{outline:3px solid var(--accent);outline-offset:2px}
`;
