import type { Way } from '@interlock/company-side';
import type { WaysUnder } from '../audit/flow-ways.js';
import { type Html, html } from './html.js';
import { notShown, partiesWords } from './live-page.js';
import { table } from './page.js';

/** Where data went in the last month: by region, with the countries that agreement and parties signed. */
export const flowsPage = (
  all: readonly WaysUnder[],
): Html => html`<p>Deliveries of the last 31 days that gateways recorded, each verified by
this agent. A region lies where the agreement says; a recipient where its own signed document says.</p>
${all.length === 0 && html`<p>There is no agreement in force.</p>`}${all.map(
  ({
    agreement,
    ways,
    refusal,
  }) => html`<section aria-label="${partiesWords(agreement)}"><h2>${partiesWords(agreement)}</h2>
${refusal ? notShown(refusal) : wayRows(ways)}</section>`,
)}`;

const wayRows = (ways: readonly Way[]): Html =>
  ways.length === 0
    ? html`<p>Nothing was delivered.</p>`
    : table(
        ['Region', 'Lies in', 'From', 'To', 'Deliveries'],
        [...ways]
          .sort((a, b) => (a.region < b.region ? -1 : 1))
          .map(({ region, regionIn, resource, recipients, deliveries }) => [
            region,
            regionIn,
            resource,
            recipients.map((one) => `${one.organisation} (${one.in})`).join(', ') || 'nobody who is named',
            deliveries,
          ]),
      );
