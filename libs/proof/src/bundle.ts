import {
  disclosures,
  evidenceRecord,
  signedAct,
  signedAgreement,
  signedAnnex,
  signedCertificate,
  signedDelegation,
  signedEntity,
  signedGrant,
  signedReceipt,
  signedStandingApproval,
} from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type Decision,
  type Digest,
  type EvidenceRecord,
  evidenceTerm,
  type Instant,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import { z } from 'zod';
import { inEffect, newestOf, verifyAnnexes, verifyEarlier } from './bundle-history.js';
import { canonicalBytes, digestOfBytes, parseCanonical } from './canonical-json.js';
import { openRecord } from './disclosure.js';
import { verifyDocument } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';
import { keyObjectOf } from './keys.js';
import {
  formatVkey,
  type NoteKey,
  parseTlogProof,
  parseVkey,
  rawEd25519,
  verifyTlogProof,
  witnessNoteKey,
} from './log/index.js';
import { loginStatement } from './login-statement.js';
import { verifyAgreement, verifyRight } from './right.js';
import { type StandingRefusal, verifyAct } from './standing.js';
import { peekLoginProof, type TokenRefusal } from './token.js';
import { type Pins, trust } from './trust.js';
import type { RightRefusal } from './verified-right.js';

const bundle = z.strictObject({
  typ: z.literal('interlock-bundle'),
  v: z.literal(1),
  entities: z.array(signedEntity).min(1).max(16),
  certificates: z.array(signedCertificate).max(1_000),
  agreement: signedAgreement.nullable(),
  grant: signedGrant.nullable(),
  /** What the owner had said yes to beforehand; left out where the grant was approved by itself. */
  standingApproval: signedStandingApproval.optional(),
  /** From the grant to who acted; left out where nobody handed it on. */
  delegations: z.array(signedDelegation).min(1).max(8).optional(),
  /** Versions that were signed by all before this one, oldest first; left out where nothing is told of them. */
  earlier: z.array(signedAgreement).min(1).max(1_000).optional(),
  /** What hung on the agreement beside its text. */
  annexes: z.array(signedAnnex).min(1).max(2_000).optional(),
  acts: z.array(signedAct).max(10_000),
  receipts: z.array(signedReceipt).max(1_000),
  loginProofs: z.array(z.string().max(8_000)).max(100),
  /** The log's own key (C2SP vkey). It is trusted for nothing: what counts is who cosigned. */
  logKey: z.string().max(400).nullable(),
  evidence: z
    .array(z.strictObject({ record: evidenceRecord, opened: disclosures.optional(), proof: z.string().max(20_000) }))
    .max(10_000),
});
export type Bundle = z.infer<typeof bundle>;

export const emptyBundle: Omit<Bundle, 'entities'> = {
  typ: 'interlock-bundle',
  v: 1,
  certificates: [],
  agreement: null,
  grant: null,
  acts: [],
  receipts: [],
  loginProofs: [],
  logKey: null,
  evidence: [],
};

/** The bytes of a bundle, as they are written to a file. */
export const bundleBytes = (content: Bundle): Buffer =>
  Buffer.concat([canonicalBytes(bundle.parse(content)), Buffer.from('\n')]);

export type BundleRefusal =
  | RightRefusal
  | StandingRefusal
  | TokenRefusal
  | 'not_json'
  | 'not_canonical'
  | 'bundle_unsupported'
  | 'evidence_rejected'
  | (string & {});

/** What a bundle proves, in sentences a person can read, and what it was checked against. */
export interface Proven {
  readonly statements: readonly string[];
  readonly digest: Digest;
}

/**
 * Verifies a bundle against root thumbprints alone: no network, no broker, no clock. Everything in the file is either signed, or in a log
 * under a checkpoint that the agreement's witnesses cosigned; the file is canonical; what supports nothing is refused. So any altered byte fails.
 * Keys are judged at the time of the newest signature in the bundle.
 */
export async function verifyBundle(bytes: Uint8Array, pins: Pins): Promise<Decision<Proven, BundleRefusal>> {
  const body = bytes.at(-1) === 10 ? bytes.subarray(0, -1) : undefined;
  if (!body) return refuse('not_canonical', { clause: 'last line' });
  const parsed = parseCanonical(body);
  if (!parsed.allowed) return parsed;
  const shape = bundle.safeParse(parsed.value);
  if (!shape.success) return refuse('malformed', { clause: shape.error.issues[0]?.path.join('.') ?? '' });
  const content = shape.data;
  const at = newestSignature(content);
  const ring = await trust(content.entities, content.certificates, pins, at);
  if (!ring.allowed) return ring;
  const statements = [...ring.value.entities.values()].map(
    ({ document }) => `${document.organisation} published entity document ${document.sequence} under the pinned root`,
  );
  for (const step of [agreed, before, granted, loggedIn, narrowed, received, logged]) {
    const said = await step(content, ring.value, pins, at);
    if (!said.allowed) return said;
    statements.push(...said.value);
  }
  return allow({ statements, digest: digestOfBytes(bytes) });
}

type Step = (
  content: Bundle,
  ring: KeyRing,
  pins: Pins,
  at: Instant,
) => Promise<Decision<readonly string[], BundleRefusal>>;

const agreed: Step = async ({ agreement }, ring, pins, at) => {
  if (!agreement) return allow([]);
  const verified = await verifyAgreement(agreement, ring, pins, inEffect(agreement.document, at));
  if (!verified.allowed) return verified;
  const { document, signers } = verified.value;
  const parties = signers.map(({ signer }) => signer.organisation).join(' and ');
  return allow([`agreement ${document.id} version ${document.version} is signed by ${parties}`]);
};

const before: Step = async ({ agreement, earlier = [], annexes = [] }, ring, pins) => {
  if (earlier.length + annexes.length === 0) return allow([]);
  if (!agreement) return refuse('bundle_unsupported', { clause: 'history without agreement' });
  const versions = await verifyEarlier(earlier, agreement, ring, pins);
  if (!versions.allowed) return versions;
  const hung = await verifyAnnexes(annexes, agreement, ring);
  return hung.allowed ? allow([...versions.value, ...hung.value]) : hung;
};

const granted: Step = async (content, _ring, pins, at) => {
  const { grant, delegations, standingApproval, agreement, entities, certificates } = content;
  if (!grant) {
    const hanging = delegations ? 'delegation' : standingApproval ? 'standing approval' : undefined;
    return hanging ? refuse('bundle_unsupported', { clause: `${hanging} without grant` }) : allow([]);
  }
  if (!agreement) return refuse('bundle_unsupported', { clause: 'grant without agreement' });
  const chain = { entities, certificates, agreement, grant, standingApproval, delegations };
  const right = await verifyRight(chain, pins, at);
  if (!right.allowed) return right;
  const { subjects, resources, actions, ticket } = right.value.grant;
  const who = subjects.map((subject) => `${subject.organisation}/${subject.id}`).join(', ');
  const what = resources.map((resource) => `${resource.owner}/${resource.id}`).join(', ');
  const by = right.value.approvers.map((approver) => `${approver.organisation}/${approver.id}`).join(', ');
  const handed = right.value.delegations.map(({ document: { requester, subjects: delegates } }) => {
    const to = delegates.map((one) => `${one.organisation}/${one.id}`).join(', ');
    return `${requester.organisation}/${requester.id} handed it on to ${to}`;
  });
  return allow([
    `${who} may use ${actions.join(', ')} of ${what}${ticket ? ` for ${ticket}` : ''}, approved by ${by}`,
    ...handed,
  ]);
};

const loggedIn: Step = async ({ loginProofs, grant, delegations, agreement }, ring, _pins, at) => {
  const rights = [grant, ...(delegations ?? [])].flatMap((one) => (one ? [one.document] : []));
  const statements: string[] = [];
  for (const token of loginProofs) {
    const said = await loginStatement(token, rights, agreement?.document, ring, at);
    if (!said.allowed) return said;
    statements.push(said.value);
  }
  return allow(statements);
};

const narrowed: Step = async ({ acts, agreement }, ring, _pins, at) => {
  const statements: string[] = [];
  for (const act of acts) {
    if (!agreement) return refuse('bundle_unsupported', { clause: 'act without agreement' });
    const verified = await verifyAct(act, ring, agreement.document, at);
    if (!verified.allowed) return verified;
    const { verb, target, organisation } = verified.value.act;
    statements.push(`${organisation} signed ${verb} of ${target.kind} ${target.id}`);
  }
  return allow(statements);
};

/** Only a gateway's receipts are proof for others: the connector's key is known to the two ends alone. */
const received: Step = async ({ receipts }, ring, _pins, at) => {
  const statements: string[] = [];
  for (const receipt of receipts) {
    const { by, gateway, subject, session, moment, jkt } = receipt.document;
    if (by !== 'gateway') return refuse('bundle_unsupported', { clause: `receipt of ${session}` });
    const demand = { issuer: gateway.organisation, purpose: 'enforce' as const };
    const verified = await verifyDocument('receipt', receipt, ring, [demand], at);
    if (!verified.allowed) return verified;
    if (verified.value.signers.some((one) => one.signer.holder?.id !== gateway.id)) return refuse('not_a_gateway');
    statements.push(
      `gateway ${gateway.id} signed the ${moment} receipt of ${session}: ${subject.organisation}/${subject.id} with key ${jkt}`,
    );
  }
  return allow(statements);
};

const logged: Step = async ({ evidence, logKey, agreement }, ring, _pins) => {
  if (evidence.length === 0) return logKey === null ? allow([]) : refuse('bundle_unsupported', { clause: 'logKey' });
  if (!agreement || logKey === null) return refuse('bundle_unsupported', { clause: 'evidence without agreement' });
  const log = parseVkey(logKey);
  if (!log.allowed || formatVkey(log.value) !== logKey) return refuse('malformed', { clause: 'logKey' });
  const parties = agreement.document.parties.map((party) => party.organisation);
  const witnesses = parties.flatMap((party) => witnessKeys(ring, party).map((key) => ({ key, required: false })));
  const statements: string[] = [];
  for (const { record, opened, proof } of evidence) {
    if (record.log !== agreement.document.id) return refuse('bundle_unsupported', { clause: record.id });
    const verified = verifyTlogProof(proof, canonicalBytes(record), { log: log.value, witnesses });
    if (!verified.allowed) return verified;
    const { cosigned, checkpoint } = verified.value;
    // A company with two witness keys is still one company.
    if (new Set(cosigned.map((one) => one.witness)).size < cosignersOf(agreement.document))
      return refuse('not_cosigned', { clause: record.id });
    const open = openRecord(record, opened);
    if (!open.allowed) return open;
    const index = parseTlogProof(proof);
    const by = cosigned.map((one) => one.witness).join(' and ');
    statements.push(
      `record ${index.allowed ? index.value.index : '?'} of ${checkpoint.size}, cosigned by ${by}: ${sentence(open.value)}`,
    );
  }
  return allow(statements);
};

/** How many different parties must have cosigned what counts: every one of them where the agreement is silent. */
export function cosignersOf(agreement: Agreement): number {
  const cosigning = evidenceTerm(agreement)?.cosigning ?? 'both';
  return cosigning === 'both' ? agreement.parties.length : cosigning === 'one' ? 1 : 0;
}

/** The note keys under which an organisation's certified witnesses cosign. */
export function witnessKeys(ring: KeyRing, organisation: OrganisationId): readonly NoteKey[] {
  return ring.held(organisation, 'witness', 'witness' as KnownKeyId).flatMap(({ key, purposes }) => {
    const note =
      purposes.includes('witness') && key.crv === 'Ed25519'
        ? witnessNoteKey(organisation, rawEd25519(keyObjectOf(key)))
        : undefined;
    return note?.allowed ? [note.value] : [];
  });
}
type KnownKeyId = NonNullable<KnownKey['holder']>['id'];

/** One record as a sentence for people. */
export function sentence(record: EvidenceRecord): string {
  const who = record.subject ? ` ${record.subject.organisation}/${record.subject.id}` : '';
  const what = record.resource ? ` on ${record.resource.owner}/${record.resource.id}` : '';
  const why = record.code ? ` (${record.code})` : '';
  const where = record.region ? ` via ${record.region}` : '';
  const handed = (record.delegators ?? []).map((one) => `${one.organisation}/${one.id}`).join(' and ');
  const giver = handed && `, handed on by ${handed}`;
  const by = record.approvers.length > 0 ? `, approved by ${record.approvers.join(' and ')}` : '';
  return `${new Date(record.at).toISOString()} ${record.kind}: ${record.outcome}${who}${what}${where}${why}${giver}${by}`;
}

/** When the newest of these documents was signed: keys in what has no clock are judged then. */
export function newestSignature(
  content: Pick<Bundle, 'entities' | 'certificates' | 'agreement'> &
    Partial<
      Pick<Bundle, 'acts' | 'annexes' | 'receipts' | 'grant' | 'delegations' | 'standingApproval' | 'loginProofs'>
    >,
): Instant {
  const { acts = [], annexes = [], receipts = [], grant = null, delegations = [], loginProofs = [] } = content;
  const { standingApproval: beforehand = null } = content;
  const signed = [...content.entities, ...content.certificates, ...acts, ...annexes, ...receipts];
  const blocks = [...signed, ...delegations, content.agreement, grant, beforehand].flatMap(
    (one) => one?.signatures ?? [],
  );
  const logins = loginProofs.map((token) => peekLoginProof(token)?.iat ?? 0);
  return Math.max(newestOf(blocks), ...logins.map((seconds) => seconds * 1000));
}
