import { quarantineRelease } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type Decision,
  type Digest,
  type EvidenceRecord,
  heldBack,
  type Instant,
  type OrganisationId,
  type QuarantineRelease,
  refuse,
  releaseMissing,
  type Signed,
} from '@interlock/domain';
import { digestOf, verifyQuarantineRelease } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { allInForce, partiesOf } from '../agreements/agreements.js';
import { recordsOf } from '../audit/ask-log.js';
import { LOOKS_BACK } from '../audit/live-now.js';
import type { Published } from '../broker/broker-api.js';
import type { SignYes } from '../grants/approve-grant.js';
import type { Session } from '../login/sessions.js';

/** What somebody means to let go on: the record in which its gateway says that it holds it. */
export interface HeldName {
  readonly log: string;
  /** Id of the record. */
  readonly id: string;
}

export interface ReleaseWords {
  readonly reason: string;
  readonly issuedAt: Instant;
}

/** What is held at a gateway, as its verified record says it. */
export interface HeldThere {
  readonly agreement: Agreement;
  readonly found: EvidenceRecord;
  /** Whose signatures it takes. */
  readonly takes: readonly OrganisationId[];
}

/** The document that a person is shown before signing it. */
export interface AskedRelease extends HeldThere {
  readonly document: QuarantineRelease;
  readonly digest: Digest;
}

/** What a person brings to the gateway, as `interlock quarantine hand` reads it. */
export interface SignedRelease {
  readonly release: Signed<QuarantineRelease>;
  readonly certificates: Published['certificates'];
}

/** How long a release waits for the others who have to sign. Milliseconds. */
const GOOD_FOR = 86_400_000;

/** Reads from the log what is held; refused where the records say that it went on, and to whom it is nothing to release. */
export async function heldThere(agent: Agent, { person }: Session, name: HeldName): Promise<Decision<HeldThere>> {
  const agreement = allInForce(agent).find(({ id }) => id === name.log);
  if (!agreement) return refuse('not_a_party', { clause: 'log' });
  const kinds = ['scan.quarantined', 'scan.released'] as const;
  const records = await recordsOf(agent, agreement.id, kinds, agent.now() - LOOKS_BACK);
  if (!records.allowed) return records;
  const one = heldBack(records.value).find(({ found }) => found.id === name.id);
  if (!one?.found.resource || one.released) return refuse('release_unfit', { clause: 'finding' });
  const takes = releaseMissing(one.found.resource.owner, one.found.recipients, []);
  if (!takes.includes(agent.organisation)) return refuse('release_unfit', { clause: 'organisation' });
  if (!person.purposes.includes('approve') || person.guest) return refuse('not_in_role');
  return allow({ agreement, found: one.found, takes });
}

/** The release over exactly what the record names: these bytes, found then, under this flow, at this gateway. */
export async function askRelease(
  agent: Agent,
  session: Session,
  name: HeldName,
  { reason, issuedAt }: ReleaseWords,
): Promise<Decision<AskedRelease>> {
  const held = await heldThere(agent, session, name);
  if (!held.allowed) return held;
  const { source, session: flow, documents, at: foundAt } = held.value.found;
  const [organisation, id] = source.split('/');
  const read = quarantineRelease.safeParse({
    ...{ typ: 'quarantine-release', v: 1, organisation: agent.organisation, agreementId: held.value.agreement.id },
    ...{ gateway: { organisation, id }, flow, content: documents[0], foundAt, reason },
    ...{ issuedAt, expiresAt: issuedAt + GOOD_FOR },
  });
  if (!read.success) return refuse('malformed', { clause: read.error.issues[0]?.path.join('.') ?? 'finding' });
  return allow({ ...held.value, document: read.data, digest: digestOf(read.data) });
}

/** Signs what this session was shown, and nothing else. It is made anew from the log: what went on since is not signed for. */
export async function signRelease(
  agent: Agent,
  session: Session,
  name: HeldName,
  { digest, sign, ...words }: ReleaseWords & { readonly digest: Digest; readonly sign: SignYes },
): Promise<Decision<SignedRelease>> {
  if (!session.shown.has(digest)) return refuse('not_what_was_shown');
  const asked = await askRelease(agent, session, name, words);
  if (!asked.allowed) return asked;
  const { document, agreement, takes } = asked.value;
  if (asked.value.digest !== digest) return refuse('not_what_was_shown');
  const made = await sign(document);
  if (!made.allowed) return made;
  const release = { document, signatures: [made.value] };
  const ring = await agent.partners.ring(partiesOf(agreement), agent.now());
  if (!ring.allowed) return ring;
  // Verified as the gateway will: a key without a current certificate is told to its holder. Who brought the bytes is known there.
  const whose = { owner: agent.organisation, recipients: takes, presenter: null };
  const verified = await verifyQuarantineRelease(release, ring.value, { ...document, ...whose }, agent.now());
  if (!verified.allowed) return verified;
  const person = session.person.id;
  const noted = await agent.store.note({ kind: 'signed', what: 'release', person, digest, at: agent.now() });
  if (!noted.allowed) return noted;
  const own = agent.partners.documents([agent.organisation]).certificates;
  const certificates = own.filter(({ document: { holder } }) => holder.kind === 'person' && holder.id === person);
  return allow({ release, certificates: certificates.slice(-MOST_CERTIFICATES) });
}

/** As many as a signed release is read with. */
const MOST_CERTIFICATES = 64;
