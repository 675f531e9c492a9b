import type { HeldAct } from '../src/act/standing.js';
import { decide, lastOf } from '../src/decide.js';
import type { Agreement, EquivalenceTerm, InsolvencyTerm, MachinesTerm, Term } from '../src/documents/agreement.js';
import type { HeldAnnex } from '../src/documents/annex.js';
import type { Grant } from '../src/documents/right.js';
import type { HeldDelegation } from '../src/verified-chain.js';
import { agreementOf, BUYER, chainOf, digest, grantOf, held, id, NOW, press7, VENDOR } from './a-right.js';
import { acceptanceOf, attestationOf } from './annexes.js';

export const equivalence: EquivalenceTerm = {
  type: 'equivalence',
  party: VENDOR,
  control: id('iec-62443-3-3/sr-1.1'),
  kinds: ['remote-service'],
  resources: [],
  warnSeconds: 3_600,
};
export const machines: MachinesTerm = {
  type: 'machines',
  resources: [press7],
  sites: [id('north')],
  zones: [id('pressing')],
  afterSupport: 'refuse',
};
export const insolvency: InsolvencyTerm = {
  type: 'insolvency',
  party: VENDOR,
  successor: null,
  kinds: ['remote-service'],
  resources: [press7],
  waitSeconds: 3_600,
};
export const withTerms = (...terms: Term[]): Agreement => agreementOf({ terms: [...agreementOf().terms, ...terms] });
export const press8 = { owner: BUYER, id: id('press-8') };
export const withPress8 = (...terms: Term[]): Agreement => ({
  ...withTerms(...terms),
  resources: [...agreementOf().resources, { ...press8, class: 'standard', services: [] }],
});
export const withdrawal = (of: string, over: object = {}): HeldAct =>
  held({ target: { kind: 'annex', id: digest(of) }, ...over }, `withdrawal of ${of}`);

export interface Given {
  readonly annexes?: readonly HeldAnnex[];
  readonly acts?: readonly HeldAct[];
  readonly now?: number;
  readonly agreement?: Agreement;
  readonly grant?: Partial<Grant>;
  readonly delegations?: readonly HeldDelegation[];
}
export const use = (
  terms: Term[],
  { annexes = [], acts = [], now = NOW, agreement = withTerms(...terms), grant, delegations = [] }: Given = {},
) => {
  const chain = chainOf(agreement, grantOf(grant));
  const subject = lastOf({ ...chain, delegations }).subjects[0]!;
  const ask = {
    subject,
    leaf: chain.jkt,
    action: chain.grant.actions[0]!,
    resource: chain.grant.resources[0]!,
    session: null,
  };
  const facts = { acts, annexes, verdicts: [], invalid: new Set<string>() };
  const sided = { ...chain, delegations, subject, subjectSide: subject.organisation };
  return decide(sided as never, ask, facts, now);
};
export const goes = { allowed: true };
export const lapsed = {
  refusal: { code: 'equivalence_lapsed', clause: 'equivalence alpine-presses.example iec-62443-3-3/sr-1.1' },
};
export const both = [attestationOf(), acceptanceOf()];
