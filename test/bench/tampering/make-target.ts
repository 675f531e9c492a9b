// Honest documents, each with the verifier by which whoever receives it takes it.

import type { Act, Annex, Decision, Instant, LocalId, Purpose, Signed } from '@interlock/domain';
import {
  digestOf,
  type KeyRing,
  type Signer,
  signDocument,
  signersOfAnnex,
  trust,
  verifyAct,
  verifyAnnex,
  verifyDocument,
} from '@interlock/proof';
import { aRight, BUYER, type Company, type Holder, NOW, type Right, VENDOR } from '@interlock/testkit/builders';

export interface Target {
  readonly name: string;
  readonly real: Signed<{ readonly typ: string }>;
  /** Whether what it says is taken however late: it only narrows, or its age is its reader's question. */
  readonly late: boolean;
  /** Whether its reader looks at no clock before it was made, since it asks for the newest there is. */
  readonly early?: boolean;
  /** Those who read several kinds take each as what it is: shown there as another one, it is no other. */
  readonly door?: 'annex';
  verify(input: unknown, now?: Instant): Promise<Decision<unknown>>;
}

export interface World {
  readonly right: Right;
  readonly ring: KeyRing;
  readonly shiftLead: Holder;
}

export const id = (text: string) => text as LocalId;
export const DAY = 86_400_000;
export const press = { owner: BUYER, id: id('press-7') };
export const evidence = [{ title: 'report', digest: digestOf('report') }];
export const control = id('iec-62443-3-3/sr-1.1');

export async function aWorld(): Promise<World> {
  const right = await aRight();
  const { chain, who } = right;
  const shiftLead = await who.buyer.holder('person', 'shift-lead', ['signal', 'approve']);
  const ring = await trust(chain.entities, [...chain.certificates, shiftLead.certificate], who.pins, NOW);
  if (!ring.allowed) throw new Error('the honest documents do not verify');
  return { right, ring: ring.value, shiftLead };
}

type Document = Parameters<typeof signDocument>[0];
export async function sign<D extends Document>(document: D, ...signers: readonly Signer[]): Promise<Signed<D>> {
  return { document, signatures: await Promise.all(signers.map((signer) => signDocument(document, signer, NOW))) };
}

/** A document that one key of one company signs, read by the function that all verifiers share. */
export async function plain(
  document: Document,
  signer: Signer,
  purpose: Purpose,
  ring: KeyRing,
  late = false,
): Promise<Target> {
  const demand = { issuer: signer.organisation, purpose };
  const kind = document.typ as 'receipt';
  return {
    ...{ name: kind, real: await sign(document, signer), late },
    verify: (input, now = NOW) =>
      verifyDocument(kind, input as never, ring, [demand], now, { expiredMayNarrow: late }) as Promise<
        Decision<unknown>
      >,
  };
}

const keyFor = ({ certify, agreement }: Company, purpose: Purpose): Signer =>
  purpose === 'certify' ? certify : agreement;

export async function annexed(document: Annex, { right, ring }: World): Promise<Target> {
  const { vendor, buyer } = right.who;
  const signers = signersOfAnnex(document).map(({ issuer, purpose }) =>
    keyFor(issuer === VENDOR ? vendor : buyer, purpose),
  );
  return {
    ...{
      name: document.typ,
      real: await sign(document, ...signers),
      late: document.typ === 'machine-transfer',
      door: 'annex',
    },
    verify: (input, now = NOW) => verifyAnnex(input, ring, right.agreement, now),
  };
}

export async function acted(verb: Act['verb'], signers: readonly Signer[], { right, ring }: World): Promise<Target> {
  const { agreement } = right;
  const document: Act = {
    ...{ typ: 'act', v: 1, verb, organisation: BUYER, agreementId: agreement.id, reason: 'a reason' },
    ...{ target: { kind: 'agreement', id: agreement.id }, sequence: 1, previous: null, issuedAt: NOW },
    lifts: verb === 'resume' ? (agreement.parties[0]?.entity ?? null) : null,
  };
  return {
    ...{ name: verb, real: await sign(document, ...signers), late: verb === 'suspend' },
    verify: (input, now = NOW) => verifyAct(input, ring, agreement, now),
  };
}

export type Made = (world: World) => Promise<readonly Target[]>;
export const heads = (right: Right) => ({ v: 1 as const, agreementId: right.agreement.id, issuedAt: NOW });
export const dates = { validFrom: NOW, validUntil: NOW + DAY };
export const nameplate = {
  uri: 'https://x.example/1',
  manufacturer: 'Alpine',
  product: 'P7',
  serial: '1',
  built: '2019',
};
