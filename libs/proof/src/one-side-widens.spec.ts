import {
  type Act,
  type Agreement,
  clauseOf,
  type Instant,
  narrowedVersions,
  provablyNarrower,
  type Term,
} from '@interlock/domain';
import { aRight, BUYER, type Company, type Holder, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import { verifyAgreement } from './right.js';
import { verifyAct } from './standing.js';
import { trust } from './trust.js';

// Each side, with every key it has, against what both signed: whatever it would gain, or no longer owe, by itself.

const right = await aRight();
const { who, chain, agreement } = right;
const trusted = await trust(chain.entities, chain.certificates, who.pins, NOW);
if (!trusted.allowed) throw new Error('the honest documents do not verify');
const ring = trusted.value;

const sides: readonly (readonly [string, Company, Holder, Company])[] = [
  ['the vendor', who.vendor, who.vendorAgent, who.buyer],
  ['the buyer', who.buyer, who.buyerAgent, who.vendor],
];
const terms = (type: Term['type'], over: object): Partial<Agreement> => ({
  terms: agreement.terms.map((term) => (term.type === type ? ({ ...term, ...over } as Term) : term)),
});
const without = (type: string): Partial<Agreement> => ({ terms: agreement.terms.filter((term) => term.type !== type) });
const more = (...added: object[]): Partial<Agreement> => ({ terms: [...agreement.terms, ...(added as Term[])] });

const WIDENINGS: readonly (readonly [string, Partial<Agreement>])[] = [
  ['a purpose more', terms('remote-service', { purposes: ['repair', 'anything'] })],
  ['fewer approvals', terms('remote-service', { approvals: [{ group: 'maintenance', persons: 1 }] })],
  ['approvals of another group', terms('remote-service', { approvals: [{ group: 'everybody', persons: 2 }] })],
  ['no ticket', terms('remote-service', { ticketPattern: null })],
  ['a ticket that everything matches', terms('remote-service', { ticketPattern: '.*' })],
  ['a longer window', terms('remote-service', { longestWindowSeconds: 999_999 })],
  ['another kind of access', more({ ...agreement.terms[0], type: 'machine-to-machine' })],
  ['a service more', { resources: agreement.resources.map((one) => ({ ...one, services: ['ssh', 'vnc'] as never })) }],
  ['a machine more', { resources: [...agreement.resources, { ...agreement.resources[0]!, id: 'press-8' as never }] }],
  [
    'another class of machine',
    { resources: agreement.resources.map((one) => ({ ...one, class: 'critical' as const })) },
  ],
  [
    'a key more',
    terms('data-collection', {
      keys: [{ key: 'operator', unit: null, category: 'person', action: 'pass', step: null }],
    }),
  ],
  ['a recipient more', terms('data-collection', { recipients: [VENDOR, BUYER] })],
  ['longer retention', terms('data-collection', { retentionSeconds: 999_999 })],
  ['retention cut short', terms('data-collection', { retentionSeconds: 1 })],
  ['the duties of a flow struck with it', without('data-collection')],
  ['another endpoint', terms('region', { endpointKeys: [who.technician.signer.kid] })],
  ['another jurisdiction', terms('region', { jurisdiction: 'US' })],
  ['a longer lease', terms('offline', { leaseSeconds: 999_999 })],
  ['a shorter lease', terms('offline', { leaseSeconds: 1 })],
  ['another offline mode', terms('offline', { mode: 'closed' })],
  ['no cosigning', terms('evidence', { cosigning: 'none' })],
  ['evidence elsewhere', terms('evidence', { region: 'home' })],
  ['evidence for less time', terms('evidence', { retentionSeconds: 1 })],
  ['nothing said of evidence', without('evidence')],
  [
    'people of the other side logged in by itself',
    more({ type: 'identity-provider', party: VENDOR, issuer: BUYER, persons: [{ id: 'technician', login: 'guest' }] }),
  ],
  [
    'its own people logged in by the other side',
    more({ type: 'identity-provider', party: BUYER, issuer: VENDOR, persons: [{ id: 'technician', login: 'guest' }] }),
  ],
  ['a notice of none', more({ type: 'notice', terminateSeconds: 0 })],
  ['a longer life', { endsAt: agreement.endsAt + 1 }],
  ['an end without notice', { endsAt: agreement.endsAt - 1 }],
  ['a later beginning', { effectiveFrom: agreement.effectiveFrom + 1 }],
  ['another root of the other side', { parties: agreement.parties.map((one) => ({ ...one, root: who.vendor.pin })) }],
  [
    'a party more',
    { parties: [...agreement.parties, { ...agreement.parties[0]!, organisation: 'friend.example' as never }] },
  ],
  ['a house of one', { house: true, parties: agreement.parties.slice(0, 1) }],
];

const actOf = (organisation: Act['organisation'], over: Partial<Act>): Act => ({
  typ: 'act',
  v: 1,
  verb: 'suspend',
  organisation,
  agreementId: agreement.id,
  target: { kind: 'agreement', id: agreement.id },
  reason: 'I would like to',
  lifts: null,
  sequence: 1,
  previous: null,
  issuedAt: NOW,
  ...over,
});

describe.each(sides)('%s alone', (_, own, agent, other) => {
  const keys = [own.agreement, own.certify, own.root, agent.signer];
  const verify = async (version: Agreement, now: Instant = NOW) => {
    const signatures = await Promise.all(keys.map((key) => signDocument(version, key, now)));
    const alone = await verifyAgreement({ document: version, signatures: signatures.slice(0, 1) }, ring, who.pins, now);
    const withAll = await verifyAgreement({ document: version, signatures }, ring, who.pins, now);
    const lent = { document: version, signatures: chain.agreement.signatures };
    return [alone, withAll, await verifyAgreement(lent, ring, who.pins, now)];
  };

  it.each(WIDENINGS)('does not get %s', async (_what, over) => {
    const version = { ...agreement, version: 2, previous: digestOf(agreement), ...over };
    expect(provablyNarrower(agreement, version)).toBe(false);
    for (const decision of await verify(version)) expect(decision.allowed).toBe(false);
  });

  it.each(WIDENINGS)('cannot write %s into an act that narrows', async (_what, over) => {
    const version = { ...agreement, ...over };
    const clauses = version.terms.map(clauseOf);
    const gone = agreement.terms.map(clauseOf).filter((clause) => !clauses.includes(clause));
    const same = (one: { owner: string; id: string }, other: typeof one) =>
      one.owner === other.owner && one.id === other.id;
    const differs = (one: object, all: readonly object[]) => !all.some((had) => digestOf(had) === digestOf(one));
    const narrows = {
      version: digestOf(agreement),
      strike: {
        resources: agreement.resources
          .filter((one) => !version.resources.some((left) => same(left, one)))
          .map(({ owner, id }) => ({ owner, id })),
        clauses: gone,
      },
      instead: {
        resources: version.resources.filter((one) => differs(one, agreement.resources)),
        terms: version.terms.filter((one) => differs(one, agreement.terms)) as Term[],
      },
    };
    const document = actOf(own.organisation, { verb: 'narrow', narrows });
    const act = { document, signatures: [await signDocument(document, agent.signer, NOW)] };
    expect(await verifyAct(act, ring, agreement, NOW)).toMatchObject({
      allowed: false,
      refusal: { code: 'not_narrower' },
    });
  });

  it.each<[string, Partial<Act>, () => Parameters<typeof signDocument>[1]]>([
    ['lift a suspension', { verb: 'resume', lifts: digestOf(agreement) }, () => own.agreement],
    ['lift it with the key that narrows', { verb: 'resume', lifts: digestOf(agreement) }, () => agent.signer],
    ['terminate with the key that narrows', { verb: 'terminate' }, () => agent.signer],
    [
      'terminate in the name of the other',
      { verb: 'terminate', organisation: other.organisation },
      () => own.agreement,
    ],
    ['suspend in the name of the other', { organisation: other.organisation }, () => agent.signer],
  ])('cannot %s', async (_what, over, signer) => {
    const document = actOf(own.organisation, over);
    const act = { document, signatures: [await signDocument(document, signer(), NOW)] };
    expect(await verifyAct(act, ring, agreement, NOW)).toMatchObject({ allowed: false });
  });

  it('cannot hide what it would gain behind what it gives up, nor lift a narrowing of the other', async () => {
    const [service] = agreement.terms as [Term];
    const narrows = {
      version: digestOf(agreement),
      strike: { resources: [], clauses: ['region eu-1'] },
      instead: { resources: [], terms: [{ ...service, purposes: [] } as unknown as Term] },
    };
    for (const over of [
      { verb: 'narrow' as const, narrows },
      { verb: 'resume' as const, lifts: digestOf(narrows) },
    ]) {
      const document = actOf(own.organisation, over);
      const signatures = [
        await signDocument(document, agent.signer, NOW),
        await signDocument(document, own.agreement, NOW),
      ];
      expect(await verifyAct({ document, signatures }, ring, agreement, NOW)).toMatchObject({ allowed: false });
    }
  });

  it('can narrow what is provably narrower, and of a version that is not this one it says nothing', async () => {
    const narrows = (version = digestOf(agreement)) => ({
      version,
      strike: { resources: [], clauses: ['remote-service'] },
      instead: { resources: [], terms: [] },
    });
    for (const one of [narrows(), narrows(digestOf(narrows()))]) {
      const document = actOf(own.organisation, { verb: 'narrow', narrows: one });
      const act = { document, signatures: [await signDocument(document, agent.signer, NOW)] };
      const held = await verifyAct(act, ring, agreement, NOW);
      const seen = held.allowed && narrowedVersions(agreement, digestOf(agreement), [held.value]).length;
      expect(seen).toBe(one.version === digestOf(agreement) ? 1 : 0);
    }
  });

  it('can suspend, and can end it with the agreed notice', async () => {
    for (const [over, signer] of [
      [{}, agent.signer],
      [{ verb: 'terminate' as const }, own.agreement],
    ] as const) {
      const document = actOf(own.organisation, over);
      const act = { document, signatures: [await signDocument(document, signer, NOW)] };
      expect(await verifyAct(act, ring, agreement, NOW)).toMatchObject({ allowed: true });
    }
  });
});
