import type { Way } from '@interlock/company-side';
import type { WaysUnder } from '../audit/flow-ways.js';
import { type Html, html } from './html.js';
import { agreementHead, agreementName, notShown } from './live-page.js';
import { empty, state, table } from './page.js';

/** Where data went in the last month: by region, with the countries that agreement and parties signed. */
export const flowsPage = (
  all: readonly WaysUnder[],
): Html => html`<p class="lead">Deliveries of the last 31 days that gateways recorded, each verified by
this agent. A region lies where the agreement says; a recipient where its own signed document says.</p>
${all.length === 0 && empty('There is no agreement in force, so no data can flow.')}${all.map(
  ({ agreement, ways, refusal }) => html`<section aria-label="${agreementName(agreement)}">${agreementHead(agreement)}
${refusal ? notShown(refusal) : byRegion(ways)}</section>`,
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
