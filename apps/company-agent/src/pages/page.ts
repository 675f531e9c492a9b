import type { Capacity } from '@interlock/domain';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';

export interface PageParts {
  readonly title: string;
  readonly company: string;
  readonly session?: Session | undefined;
  readonly body: Html;
  readonly scripted?: boolean;
  /** Which page this is, as the path of its request. */
  readonly path?: string;
}

/** One whole page: readable without style, usable without script, with one heading of the first order. */
export const page = ({ title, company, session, body, scripted = false, path = '' }: PageParts): string =>
  html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - ${company}</title><link rel="stylesheet" href="/style.css">${scripted && html`<script type="module" src="/passkey.js"></script>`}</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><p><strong>${company}</strong> <span>company agent</span></p>${session && navigation(session, path)}</header>
<main id="main"><h1>${title}</h1>
${body}
</main>
</body></html>
`.text;

/** Every page that has a place of its own, and who may open it. A link to what would only be refused helps nobody. */
const PLACES: readonly { readonly at: string; readonly name: string; readonly as?: readonly Capacity[] }[] = [
  { at: '/', name: 'Inbox' },
  { at: '/grants/new', name: 'Ask for access', as: ['holder'] },
  { at: '/grants', name: 'Grants' },
  { at: '/agreements', name: 'Agreements' },
  { at: '/reach', name: 'Who can reach', as: ['architect', 'approver', 'auditor', 'holder'] },
  { at: '/live', name: 'Live', as: ['architect', 'approver', 'auditor'] },
  { at: '/cut', name: 'Cut', as: ['architect'] },
  { at: '/flows', name: 'Data flows', as: ['architect', 'approver', 'auditor'] },
  { at: '/audit', name: 'Audit', as: ['auditor'] },
  { at: '/passkeys', name: 'Passkeys', as: ['approver'] },
];

/** Where a page belongs: the longest place that its path begins with. */
function placeOf(path: string): string | undefined {
  const under = PLACES.filter(({ at }) => path === at || (at !== '/' && path.startsWith(`${at}/`)));
  return under.sort((a, b) => b.at.length - a.at.length)[0]?.at;
}

function navigation(session: Session, path: string): Html {
  const here = placeOf(path);
  const open = PLACES.filter(({ as }) => !as || as.some((capacity) => session.capacities.includes(capacity)));
  return html`<nav aria-label="Pages"><ul>${open.map(
    ({ at, name }) => html`<li><a href="${at}"${at === here && html` aria-current="page"`}>${name}</a></li>`,
  )}</ul></nav>
<form method="post" action="/sign-out" class="who">${tokenField(session)}<span>${session.person.id}</span> <button>Sign out</button></form>`;
}

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

/** Said where there is nothing to show, and what would bring something. */
export const empty = (words: string): Html => html`<p class="empty">${words}</p>`;

/** A state in a word or two; its colour repeats what the word says. */
export const state = (words: string, mood: 'yes' | 'no' | 'wait' | '' = ''): Html =>
  html`<span class="state ${mood}">${words}</span>`;

/** How many rows of a list one page shows. */
export const ROWS = 50;

/** Where in a list somebody is, and the ways on from there. `link` makes the address of the page that begins at a row. */
export function pager(from: number, of: number, link: (from: number) => string): Html | false {
  if (of <= ROWS && from === 0) return false;
  const last = Math.min(from + ROWS, of);
  return html`<nav class="pager" aria-label="Rows"><span>${of === 0 || from >= of ? 'No rows here' : `Rows ${from + 1} to ${last}`} of ${of}</span>
${from > 0 && html`<a href="${link(Math.max(0, from - ROWS))}">Rows before</a>`}${last < of && html`<a href="${link(last)}">Rows after</a>`}</nav>`;
}

export interface Fact {
  readonly label: string;
  readonly text: string;
}
