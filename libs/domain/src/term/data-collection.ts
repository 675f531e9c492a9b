import { regionTerm, termsOfType } from '../agreement/find-terms.js';
import { controlTitle, isControl } from '../annex/controls.js';
import type { Agreement, DataTerm, KeyAction, ProductKey, TradeSecretMark } from '../documents/agreement.js';
import type { OrganisationId } from '../names.js';
import { sameResource } from '../names.js';
import type { TermDeclaration } from './declare-term.js';
import { noFewerSeats } from './places.js';
import { approvalWords, listed, span } from './plain.js';

/** What each action lets through: all, something of it, nothing. Hash, pseudonymise, coarsen and aggregate show different things, so none is less than another. */
const SHOWN: Readonly<Record<KeyAction, number>> = {
  pass: 2,
  hash: 1,
  pseudonymise: 1,
  coarsen: 1,
  aggregate: 1,
  drop: 0,
};

/** A mark may be added or reach fewer; to take it away, or to name another control, gives what it held back. */
const markedNoLess = (before: ProductKey['secret'], after: ProductKey['secret']): boolean =>
  before === undefined ||
  (after !== undefined &&
    before.control === after.control &&
    after.recipients.every((one) => before.recipients.includes(one)));

function showsNoMore(before: ProductKey | undefined, after: ProductKey): boolean {
  if (!before) return after.action === 'drop';
  if (before.unit !== after.unit || before.category !== after.category || before.semanticId !== after.semanticId)
    return false;
  if (!markedNoLess(before.secret, after.secret)) return false;
  return SHOWN[after.action] < SHOWN[before.action] || (before.action === after.action && before.step === after.step);
}

/** A key that is not listed is dropped, so striking one and dropping it are the same; but a mark holds in other products too, and stays. */
const lessOfEachKey = {
  words: 'no further key, of no key more than before, and no mark of a trade secret fewer',
  holds: (before: readonly ProductKey[], after: readonly ProductKey[]): boolean =>
    before.every(({ key, secret }) => secret === undefined || after.some((one) => one.key === key)) &&
    after.every((key) =>
      showsNoMore(
        before.find((one) => one.key === key.key),
        key,
      ),
    ),
};

/**
 * A batch is sealed to all recipients of its product, so whatever is asked of each of them keeps it from all: the mark of a trade secret, the country from which it
 * is opened, what a guest was brought in for. To strike the one who does not meet it would let it go to the others.
 */
const weighedTogether = (
  version: Agreement,
  { product, resource }: DataTerm,
  struck: readonly OrganisationId[],
): boolean =>
  struck.some((one) =>
    version.parties.some(({ organisation, role }) => organisation === one && role === 'third-party'),
  ) ||
  termsOfType(version, 'transfer').some((one) => one.product === product && sameResource(one.resource, resource)) ||
  termsOfType(version, 'data-collection').some(
    (one) => sameResource(one.resource, resource) && one.keys.some(({ secret }) => secret !== undefined),
  );

/** The owner among the recipients is his tap, which is owed to him. */
const fewerButTheTap = {
  words:
    'fewer, and the tap of the owner stays as it is; where a third party is struck, or a transfer or the mark of a trade secret speaks of all of them, any change needs both',
  holds: (
    before: readonly OrganisationId[],
    after: readonly OrganisationId[],
    term: DataTerm,
    version: Agreement,
  ): boolean =>
    after.every((one) => before.includes(one)) &&
    before.includes(term.resource.owner) === after.includes(term.resource.owner) &&
    !weighedTogether(
      version,
      term,
      before.filter((one) => !after.includes(one)),
    ),
};

/** A control that nobody here knows would wait for papers that cannot come; a stranger signs nothing. */
const canBeKept = ({ control, recipients }: TradeSecretMark, agreement: Agreement): boolean =>
  isControl(control) && recipients.every((one) => agreement.parties.some(({ organisation }) => organisation === one));

export const dataCollection: TermDeclaration<DataTerm> = {
  meaning:
    'these keys of one data product of one machine go, minimised and sealed, to these recipients through these regions, for these purposes',
  evaluator: 'grant/covered',
  points: ['gateway', 'broker', 'agent'],
  order: {
    product: 'identity',
    resource: 'identity',
    approvals: noFewerSeats,
    keys: lessOfEachKey,
    purposes: 'fewer',
    recipients: fewerButTheTap,
    inspection: 'both',
    regions: 'fewer',
    retentionSeconds: 'both',
    longestWindowSeconds: 'less',
    labels: {
      words: 'fewer',
      holds: (before = [], after = []) => after.every((label) => before.includes(label)),
    },
    // One side alone could stop the tap of the other: who asks for a scanner asks that there is one.
    scanning: 'both',
  },
  added: 'wider',
  // What was delivered under it is still to be erased when its retention is over.
  removed: 'both',
  incoherent: (term, agreement) =>
    !agreement.resources.some((resource) => sameResource(resource, term.resource)) ||
    term.recipients.some((recipient) => !agreement.parties.some((party) => party.organisation === recipient)) ||
    !term.regions.every((region) => regionTerm(agreement, region)) ||
    // Only the owner has the key that leads a pseudonym back, and it stays in the plant.
    (term.inspection === 'region' &&
      term.keys.some(({ action, secret }) => action === 'pseudonymise' || secret !== undefined)) ||
    term.keys.some(({ secret }) => secret !== undefined && !canBeKept(secret, agreement)),
  words: (term) =>
    `data ${term.product} of ${term.resource.owner}/${term.resource.id} goes to ${listed(term.recipients, 'nobody')} through ${listed(term.regions, 'no region')}, for ${listed(term.purposes, 'nothing')}; ${keyWords(term.keys)}; approved by ${approvalWords(term.approvals)}; kept ${span(term.retentionSeconds)}; at most ${span(term.longestWindowSeconds)} per grant${term.labels?.length ? `; events may be labelled ${term.labels.join(', ')}` : ''}${term.inspection === 'region' ? '; read and minimised by whoever runs the region, not in the plant' : ''}${term.scanning === 'required' ? '; nothing without a clean verdict of a scanner over its bytes, or a release that the owner and each recipient signed' : ''}`,
};

const keyWords = (keys: readonly ProductKey[]): string =>
  keys.length === 0
    ? 'no key leaves'
    : `keys ${keys.map(({ key, action, unit, step, category, secret }) => `${key}${unit ? ` [${unit}]` : ''} (${category}): ${action}${step === null ? '' : action === 'aggregate' ? ` over ${step} seconds` : ` to steps of ${step}`}${secret ? ` (a trade secret: for ${listed(secret.recipients, 'nobody')} alone, and only while each meets ${secret.control}: ${controlTitle(secret.control)})` : ''}`).join(', ')}; every other key is dropped`;
