import type { Act, Agreement, Annex, OrganisationId, TermType } from '@interlock/domain';
import { digestOf, type Signer, signed } from '@interlock/proof';
import { BUYER, type Company, NOW, type Partnership, type Right, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, press7 } from '../test/at-the-gateway.js';
import { beside } from '../test/sign-paper.js';
import { TERM_CASES } from '../test/terms/index.js';
import { record } from '../test/terms/machines.js';

// Whatever a term refuses stays refused, by the same code, whatever papers and acts one side signs by itself: every term, each side. A new term is tried as well.

interface Side {
  readonly own: Company;
  readonly other: OrganisationId;
  readonly agent: Signer;
}
const DAY = 86_400_000;
/** The one that the case of the term `equivalence` asks for. */
const control = id('iec-62443-3-3/sr-1.1');
const sideOf = (who: Partnership, organisation: OrganisationId): Side =>
  organisation === VENDOR
    ? { own: who.vendor, other: BUYER, agent: who.vendorAgent.signer }
    : { own: who.buyer, other: VENDOR, agent: who.buyerAgent.signer };

const head = ({ id: agreementId }: Agreement) => ({ v: 1 as const, agreementId, issuedAt: NOW });
const dates = { validFrom: NOW - DAY, validUntil: NOW + DAY };
const evidence = [{ title: 'report', digest: digestOf('report') }];

/** That a control is met, accepted by oneself and in the name of the other, or conceded by nobody. */
const assurances = ({ own: { organisation }, other }: Side, agreement: Agreement): readonly Annex[] =>
  [organisation, other].flatMap((one): readonly Annex[] => {
    const said = { ...head(agreement), organisation: one, control, ...dates };
    const attestation = { ...said, typ: 'attestation' as const, statement: 'we do', evidence };
    const until = { validUntil: NOW + DAY, attestation: digestOf(attestation) };
    const deviation = { owner: id('me'), reason: 'I would like to', compensation: 'none' };
    return [
      attestation,
      ...[organisation, other].map((by) => ({
        ...{ typ: 'acceptance' as const, ...head(agreement), organisation: by, ...until },
      })),
      { ...said, typ: 'exception', acceptedBy: one === other ? organisation : other, ...deviation },
    ];
  });

/** The machine, the other's end, and when the plant is closed. Where a machine stands is its owner's own word, and takes nothing from anybody. */
const facts = ({ own: { organisation }, other }: Side, agreement: Agreement): readonly Annex[] => [
  ...(organisation === BUYER ? [] : [{ ...record('north'), sequence: 9 }]),
  {
    ...{ typ: 'machine-transfer', v: 1, from: { owner: other, id: press7.id }, to: press7, issuedAt: NOW, at: NOW - 1 },
    ...{ nameplate: digestOf('nameplate'), reason: 'it is mine' },
  },
  {
    ...{ typ: 'plant-calendar', ...head(agreement), organisation, sequence: 9, zone: 'UTC', zoneDatabase: '2026a' },
    closed: [],
  },
  ...(organisation === BUYER
    ? []
    : [
        {
          ...{ typ: 'insolvency-notice' as const, ...head(agreement), organisation, party: other, evidence },
          reason: 'so I say',
        },
      ]),
];

/** A suspension lifted alone, with either key; a paper of one's own withdrawn; the narrowing of a version that leaves everything. */
const acts = ({ own: { organisation } }: Side, agreement: Agreement): readonly Act[] => {
  const said = { typ: 'act' as const, organisation, ...head(agreement), reason: 'I would like to', sequence: 1 };
  const whole = { ...said, previous: null, target: { kind: 'agreement' as const, id: agreement.id } };
  const nothing = { version: digestOf(agreement), strike: { resources: [], clauses: [] } };
  const instead = { resources: agreement.resources, terms: agreement.terms as never };
  return [
    { ...whole, verb: 'resume', lifts: digestOf(agreement) },
    { ...whole, verb: 'revoke', lifts: null, target: { kind: 'annex', id: digestOf('attestation') } },
    { ...whole, verb: 'narrow', lifts: null, narrows: { ...nothing, instead } },
  ];
};

const everything = (organisation: OrganisationId) => async (right: Right) => {
  const side = sideOf(right.who, organisation);
  const { agreement, certify } = side.own;
  const papers = [...assurances(side, right.agreement), ...facts(side, right.agreement)];
  const keys = [agreement, certify, side.agent];
  const byEach = <D extends Parameters<typeof signed>[0]>(document: D) =>
    Promise.all(keys.map((key) => signed(document, key, NOW)));
  return {
    annexes: (await Promise.all(papers.map(byEach))).flat() as never,
    acts: (await Promise.all(acts(side, right.agreement).map(byEach))).flat() as never,
  };
};

const cases = Object.entries(TERM_CASES) as readonly (readonly [TermType, (typeof TERM_CASES)[TermType]])[];
describe.each([
  ['the vendor', VENDOR],
  ['the buyer', BUYER],
] as const)('%s, with everything it can sign by itself', (_, organisation) => {
  it.each(cases)('gains nothing that the term %s refuses', async (_type, term) => {
    const decision = await beside.run(everything(organisation), () => term.refused());
    expect(decision).toMatchObject({ allowed: false, refusal: { code: term.code } });
  });
});
