import { signOfflineAct } from '@interlock/company-side';
import { accepted, standing } from '@interlock/contracts';
import {
  type Act,
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type HeldAct,
  liftedBy,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, type KeyRing, trust, verifyAct } from '@interlock/proof';
import type { CompanyBroker } from '../company-broker.js';

/** What is held of one agreement: the version that counts and every act on it that verifies. */
export interface HeldActs {
  readonly agreement: Agreement;
  readonly acts: readonly HeldAct[];
  readonly ring: KeyRing;
}

/** Reads an agreement's acts from the broker and verifies each. One that does not verify is left out: it counts for nobody. */
export async function readActs(company: CompanyBroker, id: AgreementId): Promise<Decision<HeldActs>> {
  const read = await company.broker.get(`/v1/agreements/${id}/standing`, standing);
  if (!read.allowed) return read;
  const { entities, certificates, agreement, acts: shown } = read.value;
  if (agreement.document.id !== id) return refuse('malformed', { clause: 'agreement' });
  const ring = await trust(entities, certificates, company.pins, company.now());
  if (!ring.allowed) return ring;
  const acts: HeldAct[] = [];
  for (const act of shown) {
    const verified = await verifyAct(act, ring.value, agreement.document, company.now());
    if (verified.allowed) acts.push(verified.value);
  }
  return allow({ agreement: agreement.document, acts, ring: ring.value });
}

/** Suspensions, and narrowings of the version that counts, that no resume lifts. */
export const suspensions = ({ acts, agreement }: HeldActs): readonly HeldAct[] =>
  acts.filter(
    (held) =>
      (held.act.verb === 'suspend' || held.act.narrows?.version === digestOf(agreement)) &&
      !liftedBy(held, acts, agreement),
  );

export interface OfflineWish {
  readonly verb: 'resume' | 'terminate';
  readonly agreementId: AgreementId;
  readonly reason: string;
  /** The one suspension that a resume lifts. */
  readonly lifts: Digest | null;
}

/** Makes and signs an act with the offline `agreement` key. A resume counts only when every party has signed this very document. */
export async function makeOfflineAct(
  company: CompanyBroker,
  wish: OfflineWish,
  held: HeldActs,
): Promise<Decision<Signed<Act>>> {
  const own = held.acts.filter(({ act }) => act.organisation === company.organisation);
  const last = [...own].sort((a, b) => b.act.sequence - a.act.sequence)[0];
  const document: Act = {
    typ: 'act',
    v: 1,
    verb: wish.verb,
    organisation: company.organisation,
    agreementId: wish.agreementId,
    target: { kind: 'agreement', id: wish.agreementId },
    reason: wish.reason,
    lifts: wish.lifts,
    sequence: (last?.act.sequence ?? 0) + 1,
    previous: last?.digest ?? null,
    issuedAt: company.now(),
  };
  return countersign(company, { document, signatures: [] });
}

/** Adds this company's offline signature to an act, such as the partner's resume. */
export async function countersign(
  company: CompanyBroker,
  { document, signatures }: Signed<Act>,
): Promise<Decision<Signed<Act>>> {
  const block = await signOfflineAct(company.dir, document, company.now());
  return block.allowed ? allow({ document, signatures: [...signatures, block.value] }) : block;
}

/** Hands an act to the broker, which passes it on to every party's agent and gateways; each of them verifies it. */
export async function handInAct(company: CompanyBroker, act: Signed<Act>): Promise<Decision<Digest>> {
  const taken = await company.broker.post('/v1/acts', { act }, accepted);
  return taken.allowed ? allow(digestOf(act.document)) : taken;
}
