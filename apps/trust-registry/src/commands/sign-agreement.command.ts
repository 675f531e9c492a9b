import type { Tx } from '@interlock/chassis/db';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { deliveryWords, type RefusalCode } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type Instant,
  type OrganisationId,
  parseOrganisationId,
  refuse,
  type SignatureBlock,
} from '@interlock/domain';
import { isRootOf, signatureDigest, verifyDocument } from '@interlock/proof';
import {
  type AgreementRow,
  insertSignatures,
  lockAgreement,
  newestVersion,
  versionOfDigest,
} from '../store/agreement.store.js';
import { record } from '../store/evidence.store.js';
import type { Verbs } from '../verbs.js';
import { type AgreementView, presentAgreement } from './present-agreement.js';
import { claimedSigners, pinsOf, ringFor } from './rings.js';
import { about, isOpen, reread, settleAgreement, winnerWords } from './settle-agreement.js';

export interface SignAsk {
  readonly organisation: OrganisationId;
  readonly id: AgreementId;
  readonly digest: Digest;
  readonly signatures: readonly SignatureBlock[];
}

/** Adds signatures of parties to the version of this digest; the last one activates it. */
export async function signAgreement(verbs: Verbs, ask: SignAsk): Promise<Decision<AgreementView, RefusalCode>> {
  const now = verbs.clock.now();
  const decision = await verbs.transactor.run(async (tx): Promise<Decision<AgreementRow, RefusalCode>> => {
    await tx.actFor(ask.organisation);
    await lockAgreement(tx, ask.id);
    const row = await versionOfDigest(tx, ask.id, ask.digest);
    // Whoever cannot see the agreement learns nothing; a party whose version was overtaken learns that.
    const winner = await newestVersion(tx, ask.id);
    if (!row) return winner ? refuse('version_superseded', { clause: winnerWords(winner) }) : refuse('not_a_party');
    if (row.status === 'refused' || row.status === 'ended')
      return refuse(
        'version_superseded',
        winner && winner.digest !== row.digest ? { clause: winnerWords(winner) } : {},
      );
    await tx.actFor(EVERY_ORGANISATION);
    return addSignatures(tx, verbs, row, ask.signatures, now);
  });
  if (!decision.allowed) return decision;
  announce(verbs, decision.value);
  return allow(presentAgreement(decision.value));
}

/** Verifies and keeps signatures, and settles the version. The caller holds the lock on the agreement. */
export async function addSignatures(
  tx: Tx,
  verbs: Verbs,
  row: AgreementRow,
  blocks: readonly SignatureBlock[],
  now: Instant,
): Promise<Decision<AgreementRow, RefusalCode>> {
  const pins = await pinsOf(tx, row.parties);
  const ring = await ringFor(tx, verbs, pins, row.document, blocks, now);
  if (!ring.allowed) return ring;
  const { entities } = ring.value;
  const stranger = row.document.parties.find(
    ({ organisation, root }) => !isRootOf(root, pins.get(organisation), entities.get(organisation)),
  );
  // One answer for "not registered" and "registered with another root".
  if (stranger) return refuse('party_root_not_pinned', { clause: stranger.organisation });
  const issuers = claimedSigners(blocks).issuers.flatMap((issuer) => parseOrganisationId(issuer) ?? []);
  const demands = issuers
    .filter((issuer) => row.parties.includes(issuer))
    .map((issuer) => ({ issuer, purpose: 'agreement' as const }));
  const signed = { document: row.document, signatures: blocks };
  const verified = await verifyDocument('agreement', signed, ring.value, demands, now);
  if (!verified.allowed) return verified;
  const made = verified.value.signers.flatMap(({ signer }, at) => {
    const block = blocks[at];
    return block ? [{ organisation: signer.organisation, block }] : [];
  });
  for (const organisation of await insertSignatures(tx, row, made)) {
    const signatures = made
      .filter((one) => one.organisation === organisation)
      .map(({ block }) => signatureDigest(block));
    const signing = { kind: 'agreement.signed', outcome: 'change', organisation, signatures } as const;
    await record(tx, verbs.ids, { ...about(row, now), ...signing });
  }
  const settled = await settleAgreement(tx, verbs, await reread(tx, row), now);
  return settled.allowed ? allow(await reread(tx, settled.value)) : settled;
}

/** Tells the parties' agents that something waits, and their gateways to take a fresh standing once a version is in force. */
export function announce(verbs: Verbs, row: AgreementRow): void {
  for (const party of row.parties) {
    verbs.news.deliver(deliveryWords(party, 'agent'), {
      d: 'frame',
      frame: { t: 'inbox', kind: 'agreement', id: row.id },
    });
    if (!isOpen(row.status)) {
      verbs.news.deliver(deliveryWords(party, 'gateway'), { d: 'refresh', agreementId: row.id });
    }
  }
}
