import type { KeyObject } from 'node:crypto';
import type { SignatureProof } from '@interlock/contracts';
import {
  type Act,
  decide,
  type EvidenceRecord,
  evidenceOf,
  type HeldAct,
  type Instant,
  type KeyEnd,
  type LocalId,
  type OrganisationId,
  type SignatureBlock,
  type Thumbprint,
} from '@interlock/domain';
import { aRight, BUYER, type Holder, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalBytes, digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import { newPrivateKey } from './keys.js';
import {
  appendLeaves,
  cosign,
  emptyFrontier,
  formatNote,
  formatTlogProof,
  frontierRoot,
  hashLeaf,
  logNoteKey,
  parseNote,
  rawEd25519,
  signCheckpoint,
  witnessNoteKey,
} from './log/index.js';
import { verifyChain } from './right.js';
import { signatureDigest } from './signature-proof.js';

const MINUTE = 60_000;
/** When the approver's key came to its end: before now, after the grant was signed. */
const ENDED: Instant = NOW - 10 * MINUTE;
const self = { organisation: BUYER, resources: ['press-7' as LocalId] };

let right: Right;
let witnesses: Record<string, Holder>;
beforeAll(async () => {
  right = await aRight();
  const { vendor, buyer } = right.who;
  witnesses = {
    [BUYER]: await buyer.holder('witness', 'witness', ['witness']),
    [VENDOR]: await vendor.holder('witness', 'witness', ['witness']),
  };
});

const takenIn = (blocks: readonly SignatureBlock[], log = right.agreement.id): EvidenceRecord =>
  evidenceOf('broker/grants', 'evd_0123456789abcdefghjkmnpqrs', {
    ...{ log, kind: 'grant.approved', outcome: 'change', at: ENDED - MINUTE },
    signatures: blocks.map(signatureDigest),
  });

interface Cosigner {
  readonly as: OrganisationId;
  readonly key: KeyObject;
  readonly at: Instant;
}

/** The record as second of two leaves, under a checkpoint that these witnesses cosigned. */
function proofOf(record: EvidenceRecord, cosigners: readonly Cosigner[], leaf = record): SignatureProof {
  const logKey = newPrivateKey();
  const note = logNoteKey('broker.example', record.log, rawEd25519(logKey));
  if (!note.allowed) throw new Error('log key');
  const first = hashLeaf(Buffer.from('another record'));
  const tree = appendLeaves(emptyFrontier(), [first, hashLeaf(canonicalBytes(leaf))]);
  const root = frontierRoot(tree);
  const parsed = parseNote(signCheckpoint({ origin: note.value.name, size: 2, root }, note.value, logKey));
  if (!parsed.allowed) throw new Error('note');
  const lines = cosigners.map(({ as, key, at }) => {
    const witness = witnessNoteKey(as, rawEd25519(key));
    if (!witness.allowed) throw new Error('witness');
    return cosign(parsed.value.text, witness.value, key, at / 1000);
  });
  const checkpoint = formatNote({ text: parsed.value.text, signatures: [...parsed.value.signatures, ...lines] });
  return { record, proof: formatTlogProof({ index: 1, path: [first], checkpoint }) };
}

const buyers = (at: Instant): Cosigner => ({ as: BUYER, key: witnesses[BUYER]!.key, at });
const revoked = (id: Thumbprint, ended?: KeyEnd): HeldAct => {
  const act: Act = {
    ...{
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: BUYER,
      agreementId: right.agreement.id,
      reason: 'a laptop is gone',
    },
    ...{
      target: { kind: 'key', id, ...(ended && { ended }) },
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: NOW,
    },
  };
  return { act, digest: digestOf(act), signers: [BUYER] };
};

/** What the gateway says to the technician, with these proofs, after these acts. */
async function entering(proofs: readonly SignatureProof[], acts: readonly HeldAct[], grant = right.chain.grant) {
  const certificates = [...right.chain.certificates, ...Object.values(witnesses).map((one) => one.certificate)];
  const documents = { ...right.chain, grant, certificates, proofs };
  const chain = await verifyChain(documents, right.who.pins, self, { loginProof: right.loginProof }, NOW);
  if (!chain.allowed) return chain.refusal.code;
  const ask = { subject: chain.value.subject, leaf: right.leaf, action: 'ssh' as LocalId, session: null };
  const resource = { owner: BUYER, id: 'press-7' as LocalId };
  const none = { verdicts: [], annexes: [], invalid: new Set<string>() };
  const decided = decide(chain.value, { ...ask, resource }, { ...none, acts }, NOW);
  return decided.allowed ? 'allowed' : decided.refusal.code;
}

describe.each(['retired', 'compromised'] as const)('a signature of a key that is %s since a day', (how) => {
  const approverKey = () => right.who.approver.signer.kid;
  const ended = () => revoked(approverKey(), { how, since: ENDED });
  /** The approver's own signature, as the grant carries it. */
  const approval = () => right.chain.grant.signatures[1]!;

  it('counts where the own witness had cosigned it before that day', async () => {
    expect(await entering([proofOf(takenIn([approval()]), [buyers(ENDED - 1_000)])], [ended()])).toBe('allowed');
  });

  it('does not count without a proof, nor under a checkpoint of that day or later', async () => {
    expect(await entering([], [ended()])).toBe('signature_unproven');
    for (const at of [ENDED, ENDED + 1_000])
      expect(await entering([proofOf(takenIn([approval()]), [buyers(at)])], [ended()])).toBe('signature_unproven');
    for (const since of [ENDED + 500, ENDED + 999])
      expect(
        await entering([proofOf(takenIn([approval()]), [buyers(ENDED)])], [revoked(approverKey(), { how, since })]),
      ).toBe('signature_unproven');
  });

  it('does not count on the word of the broker, of the other company, or of a witness that was itself revoked', async () => {
    const record = takenIn([approval()]);
    const before = ENDED - 1_000;
    const vendors = { as: VENDOR, key: witnesses[VENDOR]!.key, at: before };
    expect(await entering([proofOf(record, [])], [ended()])).toBe('signature_unproven');
    expect(await entering([proofOf(record, [vendors])], [ended()])).toBe('signature_unproven');
    expect(await entering([proofOf(record, [{ ...buyers(before), key: newPrivateKey() }])], [ended()])).toBe(
      'signature_unproven',
    );
    const acts = [ended(), revoked(witnesses[BUYER]!.signer.kid, { how: 'compromised', since: NOW })];
    expect(await entering([proofOf(record, [buyers(before)])], acts)).toBe('signature_unproven');
  });

  it('does not count by another signature, another log, or a record that is not in the tree', async () => {
    const [asked, , second] = right.chain.grant.signatures;
    const before = [buyers(ENDED - 1_000)];
    const other = takenIn([approval()], 'agr_zzzzzzzzzzzzzzzzzzzzzzzzzz' as typeof right.agreement.id);
    const shown = (proof: SignatureProof) => entering([proof], [ended()]);
    expect(await shown(proofOf(takenIn([asked!, second!]), before))).toBe('signature_unproven');
    expect(await shown(proofOf(other, before))).toBe('signature_unproven');
    expect(await shown(proofOf(takenIn([approval()]), before, takenIn([second!])))).toBe('signature_unproven');
    expect(await shown({ record: takenIn([approval()]), proof: 'garbage' })).toBe('signature_unproven');
  });

  it('that the thief dates back does not count, though the honest one of the same document was in the log', async () => {
    const { grant, who, chain } = right;
    const backdated = await signDocument(grant, who.approver.signer, ENDED - 30 * MINUTE);
    const stolen = { ...chain.grant, signatures: chain.grant.signatures.with(1, backdated) };
    const proof = proofOf(takenIn([approval()]), [buyers(ENDED - 1_000)]);
    expect(await entering([proof], [], stolen)).toBe('allowed');
    expect(await entering([proof], [ended()], stolen)).toBe('signature_unproven');
  });
});

describe('a key that was revoked without a day', () => {
  it('counts for nothing, whatever is proven', async () => {
    const [, approval] = right.chain.grant.signatures;
    const proof = proofOf(takenIn([approval!]), [buyers(ENDED - 1_000)]);
    expect(await entering([proof], [revoked(right.who.approver.signer.kid)])).toBe('taken_away');
  });
});
