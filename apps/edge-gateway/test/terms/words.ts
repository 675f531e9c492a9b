import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { programReport } from '../../src/program-report.js';
import { flowBegins, id, sessionGoesOn, sessionOpens, type TermCase } from '../at-the-gateway.js';
import { clockSkew } from './clock-skew.js';
import { custody, withOneKey } from './custody.js';
import { dataCollection } from './data-collection.js';
import { decisionPoint } from './decision-point.js';
import { delegation } from './delegation.js';
import { embargo } from './embargo.js';
import { cosigned, evidence, waits } from './evidence.js';
import { fileTransfer } from './file-transfer.js';
import { access, flowLease, telemetry } from './honest-terms.js';
import { machines, record, recorded } from './machines.js';
import { notice } from './notice.js';
import { offline } from './offline.js';
import { reLogin } from './re-login.js';
import { region } from './region.js';
import { remoteService } from './remote-service.js';
import { resourceClass } from './resource-class.js';
import { safetyNotice } from './safety-notice.js';
import { selector } from './selector.js';
import { sessions } from './sessions.js';
import { presence, signal } from './signal.js';
import { thirdParty } from './third-party.js';
import { timeLimits } from './time-limits.js';
import { openedFrom, transfer } from './transfer.js';

const remote = access('remote-service');
const press8 = { owner: BUYER, id: id('press-8'), class: 'standard' as const, services: [id('ssh')] };
const flow = { terms: [telemetry, flowLease] };
const byLaw = [{ country: 'DE', mechanism: 'adequacy-decision' as const, document: null }];
const inAustria = { ...openedFrom('DE'), storage: ['AT'], mechanisms: byLaw };
const release = {
  ...{ ...presence, signal: id('program'), about: 'gateway' as const, maxAgeSeconds: 300 },
  releases: ['a'.repeat(64)],
};
const running = (letter: string) => ({
  ...{ signal: id('program'), about: { kind: 'gateway' as const, id: id('plant-gateway') } },
  program: { ...programReport(), digest: letter.repeat(64) },
});
const stopped = { ...presence, signal: id('machine-stopped') };
const lease = {
  type: 'offline',
  kind: 'remote-service',
  class: 'standard',
  mode: 'static',
  leaseSeconds: 600,
} as const;
const ofClass = { type: 'resource-class', class: 'standard', approvals: 1 } as const;
const asksBuyer = { type: 'embargo', party: BUYER, maxAgeSeconds: 3_600 } as const;
const decides = { type: 'decision-point', party: BUYER, maxAgeSeconds: 60 } as const;

/** Of every word by which the registry of agreements says what can be agreed: what it permits and what it refuses at the gateway. */
export const WORDS = {
  parties: {
    permits: 'a session of two companies, each known by the root that both signed',
    permitted: () => sessionOpens({}),
    refuses: 'a session where a party stands in the agreement with another root',
    refused: () => sessionOpens({ otherRoot: VENDOR }),
    code: 'party_root_not_pinned',
  },
  'third parties': thirdParty,
  sites: machines,
  zones: {
    permits: 'a session on a machine in the agreed zone of its site',
    permitted: () => sessionOpens({ terms: [recorded], annexes: [record('north')] }),
    refuses: 'a session on a machine in another zone of the agreed site',
    refused: () => sessionOpens({ terms: [{ ...recorded, zones: [id('packing')] }], annexes: [record('north')] }),
    code: 'machine_moved',
  },
  machines: {
    permits: 'a session on a machine that the agreement names',
    permitted: () => sessionOpens({}),
    refuses: 'a session on a machine that the agreement does not name',
    refused: () => sessionOpens({ agreement: { resources: [press8], terms: [remote] } }),
    code: 'resource_not_agreed',
  },
  services: {
    permits: 'a session of a service that the agreement names for the machine',
    permitted: () => sessionOpens({}),
    refuses: 'a session of another service of the same machine',
    refused: () => sessionOpens({ grant: { actions: [id('vnc')] }, action: id('vnc') }),
    code: 'action_not_agreed',
  },
  selectors: selector,
  'minimum of approvals': resourceClass,
  'offline mode of a class': {
    permits: 'a session to go on without the broker, where the class of the machine says static',
    permitted: () => sessionGoesOn({ terms: [{ ...ofClass, mode: 'static' }], online: false, after: 1_000 }),
    refuses: 'a session under a clause that says static, where the class of the machine says closed',
    refused: () => sessionOpens({ terms: [lease, { ...ofClass, mode: 'closed' }] }),
    code: 'agreement_incoherent',
  },
  purposes: remoteService,
  'approver groups': {
    permits: 'a session that persons of every asked group approved',
    permitted: () => sessionOpens({ terms: [remote] }),
    refuses: 'a session that two of one group approved, where another group is asked too',
    refused: () =>
      sessionOpens({
        terms: [
          {
            ...remote,
            approvals: [
              ...remote.approvals.map((one) => ({ ...one, persons: 1 })),
              { group: id('safety'), persons: 1 },
            ],
          },
        ],
      }),
    code: 'approvals_missing',
  },
  'four eyes': {
    permits: 'a session that two persons approved, where two are asked',
    permitted: () => sessionOpens({ terms: [remote] }),
    refuses: 'a session that two persons approved, where three are asked',
    refused: () => sessionOpens({ terms: [{ ...remote, approvals: [{ group: id('maintenance'), persons: 3 }] }] }),
    code: 'approvals_missing',
  },
  'ticket pattern': {
    permits: 'a session with a ticket of the agreed form',
    permitted: () => sessionOpens({ terms: [{ ...remote, ticketPattern: 'INC-[0-9]{4,8}' }] }),
    refuses: 'a session with a ticket of another form',
    refused: () => sessionOpens({ terms: [{ ...remote, ticketPattern: 'CHG-[0-9]+' }] }),
    code: 'ticket_missing',
  },
  windows: {
    permits: 'a session in a window of the longest length that was agreed',
    permitted: () =>
      sessionOpens({
        grant: { windows: [{ from: NOW - 3_600_000, to: NOW + 3_600_000 }] },
        terms: [{ ...remote, longestWindowSeconds: 7_200 }],
      }),
    refuses: 'a session in a window that is longer',
    refused: () =>
      sessionOpens({
        grant: { windows: [{ from: NOW - 3_600_000, to: NOW + 3_600_000 }] },
        terms: [{ ...remote, longestWindowSeconds: 7_199 }],
      }),
    code: 'window_too_long',
  },
  'working time': timeLimits,
  presence: signal,
  'releases of gateways': {
    permits: 'a session at a gateway that runs a program which was agreed',
    permitted: () => sessionOpens({ terms: [release], signals: [running('a')] }),
    refuses: 'a session at a gateway that runs another program',
    refused: () => sessionOpens({ terms: [release], signals: [running('b')] }),
    code: 'release_not_agreed',
  },
  'machine states': {
    permits: 'a session while the plant says that the machine stands',
    permitted: () => sessionOpens({ terms: [stopped], signals: [{ signal: stopped.signal }] }),
    refuses: 'a session when the plant says that it runs',
    refused: () => sessionOpens({ terms: [stopped], signals: [{ signal: stopped.signal, holds: false }] }),
    code: 'signal_turned',
  },
  'file transfer': fileTransfer,
  'data products': dataCollection,
  recipients: {
    permits: 'a flow to a recipient that the product names',
    permitted: () => flowBegins(flow),
    refuses: 'a flow to somebody whom the product does not name',
    refused: () => flowBegins({ terms: [{ ...telemetry, recipients: [BUYER] }, flowLease] }),
    code: 'recipient_not_agreed',
  },
  'purposes of data': {
    permits: 'a flow for an agreed purpose',
    permitted: () => flowBegins(flow),
    refuses: 'a flow for another purpose',
    refused: () => flowBegins({ ...flow, grant: { purpose: id('resale') } }),
    code: 'purpose_not_agreed',
  },
  regions: {
    permits: 'a flow into a region that the product names',
    permitted: () => flowBegins(flow),
    refuses: 'a flow into a region that the agreement does not describe',
    refused: () => flowBegins({ terms: [{ ...telemetry, regions: [id('us-1')] }, flowLease] }),
    code: 'agreement_incoherent',
  },
  'region endpoints': region,
  'storage with jurisdiction': {
    permits: 'a flow into a region of a country in which its data may lie',
    permitted: () => flowBegins({ terms: [...flow.terms, openedFrom('DE', 'CH')] }),
    refuses: 'a flow into a region of another country',
    refused: () => flowBegins({ terms: [...flow.terms, inAustria] }),
    code: 'region_not_agreed',
  },
  'transit with jurisdiction': {
    permits: 'a flow through a region of a country through which its data may pass',
    permitted: () => flowBegins({ terms: [...flow.terms, openedFrom('DE', 'CH')] }),
    refuses: 'a flow through a region of another country',
    refused: () => flowBegins({ terms: [...flow.terms, { ...openedFrom('DE', 'CH'), transit: ['AT'] }] }),
    code: 'region_not_agreed',
  },
  'access with jurisdiction': transfer,
  'transfer mechanism': {
    permits: 'a flow under a clause that says by what law its data is opened in a third country',
    permitted: () => flowBegins({ terms: [...flow.terms, openedFrom('DE', 'CH')] }),
    refuses: 'a flow under a clause that says nothing of that',
    refused: () => flowBegins({ terms: [...flow.terms, { ...openedFrom('DE', 'CH'), mechanisms: [] }] }),
    code: 'agreement_incoherent',
  },
  inspection: {
    permits: 'a flow that is inspected in the plant, at the gateway of the plant',
    permitted: () => flowBegins(flow),
    refuses: 'a flow that is inspected in a region, at the gateway of the plant',
    refused: () => flowBegins({ terms: [{ ...telemetry, inspection: 'region' }, flowLease] }),
    code: 'inspected_in_region',
  },
  'embargo issuers': embargo,
  'which side has an embargo issuer': {
    permits: 'a session without a verdict of a party that asks no issuer',
    permitted: () => sessionOpens({ terms: [{ ...asksBuyer, issuers: [] }] }),
    refuses: 'a session without a verdict of a party that asks one',
    refused: () => sessionOpens({ terms: [{ ...asksBuyer, issuers: [id('eu')] }] }),
    code: 'embargo_unknown',
  },
  'decision point': decisionPoint,
  'which side has a decision point': {
    permits: 'a session without a word of a party that has no decision point',
    permitted: () => sessionOpens({ terms: [{ ...decides, present: false }] }),
    refuses: 'a session without a word of a party that has one',
    refused: () => sessionOpens({ terms: [{ ...decides, present: true }] }),
    code: 'decision_point_unknown',
  },
  'delegation limits': delegation,
  'offline mode': offline,
  lease: {
    permits: 'a session to go on a second before the lease of a side is over',
    permitted: () => sessionGoesOn({ terms: [lease], after: 599_000 }),
    refuses: 'a session to go on when it is over',
    refused: () => sessionGoesOn({ terms: [lease], after: 600_000 }),
    code: 'lease_over',
  },
  're-login interval': reLogin,
  'sessions per grant': sessions,
  'skew budgets': clockSkew,
  'safety notice': safetyNotice,
  custody,
  'custody that nobody spoke of': {
    permits: 'a session of parties whose keys do one thing each',
    permitted: () => sessionOpens({}),
    refuses: 'a session of a party whose one agent holds all its keys, where nobody accepted that',
    refused: () => withOneKey(),
    code: 'custody_not_agreed',
  },
  cosigning: {
    permits: 'a session while the witness of one side is silent, where one of both is enough',
    permitted: () => sessionOpens({ terms: [cosigned('one', 60)], waiting: waits(0, 3_600_000) }),
    refuses: 'a session while it is silent, where both must cosign',
    refused: () => sessionOpens({ terms: [cosigned('both', 60)], waiting: waits(0, 3_600_000) }),
    code: 'witness_silent',
  },
  'silent witness': evidence,
  notice,
  termination: {
    permits: 'a session under an agreement that nobody terminated',
    permitted: () => sessionOpens({ acts: [] }),
    refuses: 'a session after a termination, where no notice was agreed',
    refused: () => sessionOpens({ acts: [{ verb: 'terminate' }] }),
    code: 'taken_away',
  },
} satisfies Readonly<Record<string, TermCase>>;
