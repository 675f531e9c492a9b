import type { Way } from '@interlock/company-side';
import type { WaysUnder } from '../audit/flow-ways.js';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';
import { agreementHead, agreementName, notShown } from './live-page.js';
import { empty, ROWS, state, table } from './page.js';
import { bothTimes, counted, resourceWords } from './words.js';

/** Where data went in the last month: by region, with the countries that agreement and parties signed; and what no scanner found clean. */
export const flowsPage = (
  session: Session,
  all: readonly WaysUnder[],
  zone: string,
): Html => html`<p class="lead">Deliveries of the last 31 days that gateways recorded, each verified by
this agent. A region lies where the agreement says; a recipient where its own signed document says.</p>
${all.length === 0 && empty('There is no agreement in force, so no data can flow.')}${all.map(
  (under) => html`<section aria-label="${agreementName(under.agreement)}">${agreementHead(under.agreement)}
${under.refusal ? notShown(under.refusal) : html`${byRegion(under.ways)}${under.held.length > 0 && heldRows(session, under, zone)}`}</section>`,
)}`;

function byRegion(ways: readonly Way[]): Html {
  const regions = [...new Set(ways.map(({ region }) => region))].sort();
  if (regions.length === 0) return empty('Nothing was delivered.');
  return html`${regions.map((region) => {
    const through = ways.filter((way) => way.region === region);
    const deliveries = through.reduce((sum, way) => sum + way.deliveries, 0);
    return html`<h3>Region ${region}, in ${through[0]?.regionIn ?? ''} ${state(counted(deliveries, 'delivery', 'deliveries'))}</h3>${wayRows(through)}`;
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
const heldRows = (
  session: Session,
  { agreement, held }: WaysUnder,
  zone: string,
): Html => html`<h3>Held back by a scanner ${state(
  `${held.filter(({ released }) => !released).length} held`,
  held.every(({ released }) => released) ? 'yes' : 'wait',
)}</h3>
${table(
  ['Found', 'What', 'Why', 'State'],
  held
    .slice(0, ROWS)
    .map(({ found, released }) => [
      html`<span class="word">${bothTimes(found.at, zone)}</span>`,
      html`${counted(found.count, 'observation')} of ${found.resource ? resourceWords(found.resource) : 'a machine'}, at ${found.source}<br><code>${found.documents[0] ?? ''}</code>`,
      whole(found.clause ?? 'not clean'),
      released
        ? html`${state('released', 'yes')} by ${released.reason ?? 'nobody who is named'}, ${bothTimes(released.at, zone)}`
        : html`${state('held', 'wait')}${session.capacities.includes('approver') && html` <a href="/releases/${agreement.id}/${found.id}">Let it go on</a>`}`,
    ]),
)}${held.length > ROWS && html`<p>and ${held.length - ROWS} more: "interlock audit query --kind scan.quarantined"</p>`}
<p class="soft">A person of each side signs that it goes on: an approver here, or <code>interlock quarantine release</code>. Who stands at the gateway lists it, and brings what was signed: <code>interlock quarantine list</code>, <code>interlock quarantine hand</code>.</p>`;

/** The words of a scanner stay whole; what a gateway says beside them may be as long as it likes, and breaks. */
const whole = (words: string): Html | string => (words.length <= 24 ? html`<span class="word">${words}</span>` : words);
