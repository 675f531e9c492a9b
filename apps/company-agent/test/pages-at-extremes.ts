import {
  type Agreement,
  type EvidenceRecord,
  evidenceOf,
  type GrantId,
  type Instant,
  type LocalId,
  type OrganisationId,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { aGrant, anAgreement, aPartnership, NOW } from '@interlock/testkit/builders';
import type { ReadAgreement } from '../src/agreements/agreements.js';
import type { CheckedAnswer } from '../src/audit/check-answer.js';
import type { HeldGrant } from '../src/grants/held-grant.js';
import type { Session } from '../src/login/sessions.js';
import { agreementPage, agreementRows } from '../src/pages/agreement-page.js';
import { askPage, cutPage } from '../src/pages/ask-page.js';
import { auditPage, auditRows, recordPage } from '../src/pages/audit-page.js';
import { flowsPage } from '../src/pages/flows-page.js';
import type { Html } from '../src/pages/html.js';
import { grantRows, inboxPage } from '../src/pages/inbox-page.js';
import { livePage } from '../src/pages/live-page.js';
import { page, ROWS } from '../src/pages/page.js';
import { reachPage } from '../src/pages/reach-page.js';
import { releasePage } from '../src/pages/release-page.js';

const ZONE = 'Europe/Vienna';
const REFUSAL = { code: 'broker_unavailable' } as const;
const session: Session = {
  person: {
    id: 'somebody' as LocalId,
    groups: [],
    login: 'somebody',
    mayApprove: false,
  } as unknown as Session['person'],
  login: {} as Session['login'],
  outside: false,
  capacities: ['architect', 'approver', 'auditor', 'holder'],
  formToken: 'token',
  shown: new Set(),
  how: 'browser',
  endsAt: NOW + 3_600_000,
};

/** The longest names that documents may carry. */
export const LONG = {
  organisation: `${'a-company-with-a-name-that-never-ends-'.repeat(5)}x.example` as OrganisationId,
  id: 'a-machine-whose-name-fills-the-whole-field-of-sixty-four-charact' as LocalId,
};

const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const grantIdOf = (at: number) => `grt_${String(at).padStart(26, letters)}` as GrantId;

function record(at: number, over: Partial<EvidenceRecord> = {}): EvidenceRecord {
  const organisation = 'alpine-presses.example' as OrganisationId;
  return evidenceOf('delta-foods.example/plant-gateway', `evd_${at}`, {
    ...{ log: 'agr_0123456789abcdefghjkmnpqrs' as Agreement['id'], kind: 'session.opened', outcome: 'allow' },
    ...{ at: NOW + at, organisation, session: `ses_${at}`, clause: 'remote-service' },
    subject: { organisation, kind: 'person', id: 'technician' as LocalId },
    resource: { owner: 'delta-foods.example' as OrganisationId, id: 'press-7' as LocalId },
    approvers: ['shift-lead' as LocalId],
    ...over,
  });
}

export interface ExtremePage {
  readonly name: string;
  readonly html: string;
}

/** Every list and view with nothing in it, with a thousand rows, with the longest names, and where it cannot be shown. */
export async function pagesAtExtremes(): Promise<readonly ExtremePage[]> {
  const who = await aPartnership();
  const plain = anAgreement(who);
  const resource = { owner: LONG.organisation, id: LONG.id, class: 'standard' as const, services: [LONG.id, LONG.id] };
  const long = anAgreement(who, {
    resources: [resource],
    parties: plain.parties.map((one) => ({ ...one, organisation: LONG.organisation })),
  });
  return [
    ...empties(),
    ...many(plain, 'a thousand', 1_000, record),
    ...many(long, 'long names', 3, (at) =>
      record(at, {
        source: `${LONG.organisation}/${LONG.id}`,
        subject: { organisation: LONG.organisation, kind: 'person', id: LONG.id },
        resource: { owner: LONG.organisation, id: LONG.id },
        approvers: [LONG.id, LONG.id],
      }),
    ),
    shown('refused: live', livePage(session, [{ agreement: plain, live: undefined, refusal: REFUSAL }], ZONE)),
    shown('refused: flows', flowsPage(session, [{ agreement: plain, ways: [], held: [], refusal: REFUSAL }], ZONE)),
  ];
}

const shown = (name: string, body: Html): ExtremePage => ({
  name,
  html: page({ title: name, company: 'Delta Foods', session, body, path: '/' }),
});

const NOTHING: CheckedAnswer = { size: 0, root: '', rows: [], cosigned: [], sameAsSeen: 'yes', next: null };

const empties = (): readonly ExtremePage[] => [
  shown(
    'empty: inbox',
    inboxPage(ZONE, [], { held: [], notShown: 0, from: 0, of: 0 }, { owed: [], unread: [] }, () => 'you'),
  ),
  shown('empty: grants', grantRows(ZONE, { held: [], notShown: 0, from: 0, of: 0 })),
  shown('empty: live', livePage(session, [], ZONE)),
  shown('empty: flows', flowsPage(session, [], ZONE)),
  shown('empty: reach', reachPage([], undefined, undefined, ZONE)),
  shown('empty: ask', askPage(session, [])),
  shown('empty: cut', cutPage(session, [])),
  shown('empty: audit', auditRows(NOTHING, {}, ZONE)),
];

function many(
  agreement: Agreement,
  name: string,
  count: number,
  make: (at: number) => EvidenceRecord,
): readonly ExtremePage[] {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const read = (at: number): ReadAgreement => {
    const document = { ...agreement, version: at + 1, endsAt: agreement.endsAt + at };
    const verified = { allowed: false, refusal: { code: 'signature_missing', clause: 'agreement' } } as const;
    return { agreement: { document, signatures: [] }, digest: digestOf(document), signedBy: [], verified };
  };
  const subject = make(0).subject ?? { organisation: LONG.organisation, kind: 'person' as const, id: LONG.id };
  const held = (at: number): HeldGrant => {
    const document = aGrant(agreement, { id: grantIdOf(at), subjects: [subject], resources: agreement.resources });
    return {
      id: document.id,
      grant: { document, signatures: [] },
      status: 'asked',
      owner: LONG.organisation,
      approvers: [],
    } as unknown as HeldGrant;
  };
  const grants = { held: numbers.slice(0, ROWS).map(held), notShown: 1, from: 0, of: count };
  const records = numbers.map(make);
  const one = { agreement: agreement.id, session: LONG.id, resource: LONG.id, subject: LONG.id, activatedBy: LONG.id };
  const reviews = {
    owed: numbers.map((at) => ({ ...one, at, due: at === 0 ? null : at })) as never,
    unread: [{ agreement: agreement.id, refusal: { code: 'evidence_rejected' as const } }],
  };
  const back = records.map((found, at) => ({
    found: { ...found, clause: 'signature', documents: [digestOf(`bytes ${at}`)] },
    released:
      at % 2 === 1
        ? { ...found, reason: `${LONG.organisation}/${LONG.id}, ${LONG.organisation}/${LONG.id}` }
        : undefined,
  }));
  const live = { sessions: records, lockouts: [{ ...make(0), kind: 'lockout.set' as const, reason: LONG.id }] };
  const way = {
    resource: `${LONG.organisation}/${LONG.id}`,
    region: LONG.id,
    regionIn: 'DE',
    deliveries: count,
    left: false,
  };
  const ways = numbers
    .slice(0, 20)
    .map((at) => ({ ...way, recipients: [{ organisation: LONG.organisation, in: String(at) }] }));
  const window = { from: NOW as Instant, to: NOW + 3_600_000 };
  const reach = numbers.map((at) => ({
    ...{ subject, kind: 'remote-service' as const, actions: [LONG.id], window, approvers: [LONG.id] },
    chain: [{ typ: 'grant' as const, id: grantIdOf(at), requester: { organisation: LONG.organisation, id: LONG.id } }],
  }));
  const found = { reach, notCounted: [{ right: grantIdOf(1), code: 'key_expired' }] } as unknown as Parameters<
    typeof reachPage
  >[2];
  const asked = { owner: LONG.organisation, id: LONG.id, at: NOW, from: 0 };
  const answer: CheckedAnswer = {
    ...{ size: count, root: 'a'.repeat(44), cosigned: [LONG.organisation], sameAsSeen: 'yes', next: ROWS - 1 },
    rows: records.slice(0, ROWS).map((one, index) => ({ index, record: one })),
  };
  const versions = numbers.slice(0, 20).map((at) => ({ read: read(at), state: 'replaced' as const }));
  return [
    shown(
      `${name}: inbox`,
      inboxPage(ZONE, numbers.map(read), grants, reviews, () => 'you'),
    ),
    shown(`${name}: grants`, grantRows(ZONE, grants)),
    shown(`${name}: agreements`, agreementRows(numbers.slice(0, ROWS).map(read))),
    shown(`${name}: agreement`, agreementPage(read(1), ZONE, versions, read(0).agreement)),
    shown(`${name}: live`, livePage(session, [{ agreement, live, refusal: undefined }], ZONE)),
    shown(`${name}: flows`, flowsPage(session, [{ agreement, ways, held: back, refusal: undefined }], ZONE)),
    shown(`${name}: release`, releaseShown(agreement, back[0]?.found ?? make(0))),
    shown(`${name}: reach`, reachPage([agreement], asked, found, ZONE)),
    shown(
      `${name}: audit`,
      auditPage(
        [agreement],
        { log: agreement.id, resource: LONG.id },
        auditRows(answer, { log: agreement.id, resource: LONG.id }, ZONE),
      ),
    ),
    shown(`${name}: record`, recordPage(answer, 0, ZONE)),
    shown(`${name}: ask`, askPage(session, [agreement])),
    shown(`${name}: cut`, cutPage(session, [agreement])),
  ];
}

/** What is signed where something is held, with both ways to sign it. */
function releaseShown(agreement: Agreement, found: EvidenceRecord): Html {
  const gateway = { organisation: LONG.organisation, id: LONG.id };
  const document = {
    ...({
      typ: 'quarantine-release',
      v: 1,
      organisation: LONG.organisation,
      agreementId: agreement.id,
      gateway,
    } as const),
    ...{ flow: LONG.id, content: digestOf('bytes'), foundAt: found.at, reason: LONG.id },
    ...{ issuedAt: NOW as Instant, expiresAt: NOW + 3_600_000 },
  };
  const asked = {
    agreement,
    found,
    takes: [LONG.organisation, LONG.organisation],
    document,
    digest: digestOf(document),
  };
  return releasePage(session, asked, ZONE, { attempt: 'a', options: {} });
}
