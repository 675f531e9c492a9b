import type { Way } from '@interlock/company-side';
import type { HeldBack } from '@interlock/domain';
import type { WaysUnder } from '../audit/flow-ways.js';
import { type Html, html } from './html.js';
import { agreementHead, agreementName, notShown } from './live-page.js';
import { empty, ROWS, state, table } from './page.js';
import { bothTimes, resourceWords } from './words.js';

/** Where data went in the last month: by region, with the countries that agreement and parties signed; and what no scanner found clean. */
export const flowsPage = (
  all: readonly WaysUnder[],
  zone: string,
): Html => html`<p class="lead">Deliveries of the last 31 days that gateways recorded, each verified by
this agent. A region lies where the agreement says; a recipient where its own signed document says.</p>
${all.length === 0 && empty('There is no agreement in force, so no data can flow.')}${all.map(
  ({
    agreement,
    ways,
    held,
    refusal,
  }) => html`<section aria-label="${agreementName(agreement)}">${agreementHead(agreement)}
${refusal ? notShown(refusal) : html`${byRegion(ways)}${held.length > 0 && heldRows(held, zone)}`}</section>`,
)}`;

function byRegion(ways: readonly Way[]): Html {
  const regions = [...new Set(ways.map(({ region }) => region))].sort();
  if (regions.length === 0) return empty('Nothing was delivered.');
  return html`${regions.map((region) => {
    const through = ways.filter((way) => way.region === region);
    const deliveries = through.reduce((sum, way) => sum + way.deliveries, 0);
    return html`<h3>Region ${region}, in ${through[0]?.regionIn ?? ''} ${state(`${deliveries} deliveries`)}</h3>${wayRows(through)}`;
  })}`;
}

const wayRows = (ways: readonly Way[]): Html =>
  table(
    ['From', 'To', 'Deliveries'],
    ways.map(({ resource, recipients, deliveries }) => [
      resource,
      recipients.map((one) => `${one.organisation} (${one.in})`).join(', ') || 'nobody who is named',
      deliveries,
    ]),
  );

/** What is held is let go by two persons, of the owner and of each recipient; the bytes never leave the gateway for it. */
const heldRows = (held: readonly HeldBack[], zone: string): Html => html`<h3>Held back by a scanner ${state(
  `${held.filter(({ released }) => !released).length} held`,
  held.every(({ released }) => released) ? 'yes' : 'wait',
)}</h3>
${table(
  ['Found', 'At', 'From', 'Why', 'Bytes', 'State'],
  held
    .slice(0, ROWS)
    .map(({ found, released }) => [
      bothTimes(found.at, zone),
      found.source,
      found.resource ? resourceWords(found.resource) : 'a machine',
      `${found.clause ?? 'not clean'}, ${found.count} observations`,
      html`<code>${found.documents[0] ?? ''}</code>`,
      released
        ? html`${state('released', 'yes')} by ${released.reason ?? 'nobody who is named'}, ${bothTimes(released.at, zone)}`
        : state('held', 'wait'),
    ]),
)}${held.length > ROWS && html`<p>and ${held.length - ROWS} more: "interlock audit query --kind scan.quarantined"</p>`}
<p class="soft">Who stands at the gateway lists it: <code>interlock quarantine list</code>. A person of each side signs that it goes on: <code>interlock quarantine release</code>.</p>`;
