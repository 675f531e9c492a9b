import { type DropBox, type FileRelease, type HeldFile, KeysThatCount } from '@interlock/client';
import { type AskScanner, PIPELINE_ID } from '@interlock/company-side';
import {
  allow,
  type DataTerm,
  type Decision,
  dataTerm,
  type HeldAct,
  type Instant,
  mayLetIn,
  type OrganisationId,
  refuse,
  statusByActs,
} from '@interlock/domain';
import { type KeyRing, trust, type VerifiedRelease, verifyAct, verifyQuarantineRelease } from '@interlock/proof';
import type { VerifiedAgreement } from '../agreement/verified-agreement.js';
import type { CompanyBroker } from '../company-broker.js';
import type { HeldFinding } from '../gateway/local-hand.js';

/** What a release of a file is judged by. */
export interface LetIn {
  readonly box: DropBox;
  readonly company: Pick<CompanyBroker, 'organisation' | 'pins' | 'now'>;
  readonly agreed: VerifiedAgreement;
  readonly scanner: AskScanner;
  /** Records in the log of the agreement that these persons let this in; nothing is let in without. */
  readonly record: (file: HeldFile, by: readonly VerifiedRelease[]) => Promise<Decision<unknown>>;
}

export interface TakenRelease {
  readonly released: boolean;
  /** Whose signature is still missing. */
  readonly missing: readonly OrganisationId[];
  /** Where the file is now, once it was let in. */
  readonly path?: string;
}

/** What waits in a drop box and was looked at, as whoever signs for it sees it. */
export const waitingIn = (
  box: DropBox,
  { agreement }: Pick<VerifiedAgreement, 'agreement'>,
  self: OrganisationId,
): readonly (HeldFinding & { readonly name: string; readonly size: number })[] =>
  box.held().flatMap((file) => {
    const term = dataTerm(agreement, file.product, file.machine);
    if (!term || file.verdict === null) return [];
    const { reason, signature } = file.verdict;
    const { name, size, releases } = file;
    const asked = { ...askedOf(box, file, term, self), recipients: [...term.recipients] };
    return [{ ...asked, name, size, reason, signature, observations: 1, releases: releases.length }];
  });

const askedOf = ({ agreement }: DropBox, file: HeldFile, term: DataTerm, self: OrganisationId) => ({
  agreementId: agreement,
  gateway: { organisation: self, id: PIPELINE_ID },
  flow: file.flow,
  content: file.content,
  foundAt: file.foundAt,
  owner: file.machine.owner,
  recipients: term.recipients,
});

/** Takes one person's release of a file; with the last one that is needed the file lies where a person may take it from. */
export async function takeRelease(of: LetIn, brought: FileRelease): Promise<Decision<TakenRelease>> {
  const { box, company, agreed } = of;
  const now = company.now();
  const file = box.held().find(({ content }) => content === brought.release.document.content);
  if (!file || file.verdict === null) return refuse('release_unfit', { clause: 'finding' });
  const term = dataTerm(agreed.agreement, file.product, file.machine);
  if (!term) return refuse('files_not_agreed');
  if (statusByActs(agreed.agreement, await heldActs(agreed, now), now) === 'suspended') return refuse('taken_away');
  const words = await verified(of, file, term, brought, now);
  if (!words.allowed) return words;
  box.note({ ...file, releases: words.value.map((one) => one.brought) });
  return judge(of, { ...file, verdict: file.verdict }, term, words.value);
}

/** The scanner is asked last, so that its word is of this moment. What it newly found has to be signed over anew. */
async function judge(
  of: LetIn,
  file: HeldFile & { readonly verdict: NonNullable<HeldFile['verdict']> },
  term: DataTerm,
  words: readonly VerifiedRelease[],
): Promise<Decision<TakenRelease>> {
  const verdict = await of.scanner(of.box.bytesOf(file.content));
  const { content, verdict: signedOver } = file;
  const waiting = { content, owner: file.machine.owner, recipients: term.recipients, signedOver };
  const may = mayLetIn(term, { ...waiting, signed: words.map(({ by }) => by) }, verdict);
  if (!may.allowed) {
    const foundAt = Math.max(Math.floor(of.company.now()), file.foundAt + 1);
    if (may.refusal.code === 'scan_not_clean' && verdict) of.box.note({ ...file, verdict, foundAt, releases: [] });
    return may;
  }
  if (may.value.length > 0) return allow({ released: false, missing: may.value });
  const recorded = await of.record(file, words);
  return recorded.allowed ? allow({ released: true, missing: [], path: of.box.letIn(file) }) : recorded;
}

type Word = VerifiedRelease & { readonly brought: FileRelease };

/** This word and those of before that still hold: a key may have been revoked since, a time be over. */
async function verified(
  { box, company, agreed }: LetIn,
  file: HeldFile,
  term: DataTerm,
  brought: FileRelease,
  now: Instant,
): Promise<Decision<readonly Word[]>> {
  const asked = { ...askedOf(box, file, term, company.organisation), presenter: file.presenter };
  const verify = async (one: FileRelease): Promise<Decision<Word>> => {
    const ring = await ringWith(agreed, company, one, now);
    if (!ring.allowed) return ring;
    const word = await verifyQuarantineRelease(one.release, ring.value, asked, now);
    return word.allowed ? allow({ ...word.value, brought: one }) : word;
  };
  const fresh = await verify(brought);
  if (!fresh.allowed) return fresh;
  const before = await Promise.all(file.releases.map(verify));
  const others = before.flatMap((one) => (one.allowed && one.value.digest !== fresh.value.digest ? [one.value] : []));
  return allow([...others, fresh.value]);
}

async function ringWith(
  { agreement, documents, acts }: VerifiedAgreement,
  { pins }: Pick<CompanyBroker, 'pins'>,
  { certificates }: FileRelease,
  now: Instant,
): Promise<Decision<KeyRing>> {
  const ring = await trust(documents.entities, [...documents.certificates, ...certificates].slice(0, 256), pins, now);
  if (!ring.allowed) return ring;
  const keys = new KeysThatCount(ring.value);
  await keys.take(ring.value, agreement, acts, now);
  return allow(keys.now());
}

async function heldActs({ acts, ring, agreement }: VerifiedAgreement, now: Instant): Promise<readonly HeldAct[]> {
  const all = await Promise.all(acts.map((act) => verifyAct(act, ring, agreement, now)));
  return all.flatMap((one) => (one.allowed ? [one.value] : []));
}
