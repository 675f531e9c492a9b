import { randomBytes } from 'node:crypto';
import { currentTrace } from '@interlock/chassis';
import { answerOnce, EVERY_ORGANISATION, KeyReused, type Tx } from '@interlock/chassis/db';
import {
  type Admission,
  type AskOf,
  type ChainDocuments,
  deliveryWords,
  type GatewayFrame,
  type OpenSession,
  type RefusalCode,
} from '@interlock/contracts';
import {
  allow,
  approversSaid,
  clauseOfLogin,
  type Decision,
  type Digest,
  heardBy,
  type Instant,
  type LocalId,
  loggedReason,
  type OrganisationId,
  refuse,
  type SessionId,
  type Ticket,
} from '@interlock/domain';
import { peekLoginProof, saysSvid, signTicket } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import type { GrantRow } from '../store/grant.store.js';
import { insertSession, useLoginProof } from '../store/session.store.js';
import type { Verbs } from '../verbs.js';
import { type Advice, advise } from './advise.js';
import { chainOfRow } from './chain-of.js';
import { chooseGateway } from './choose-gateway.js';
import { knownAs } from './known-as.js';
import { lookAt } from './look-at.js';
import { about } from './sign-grant.command.js';

type Ask = AskOf<typeof OpenSession>;

/** A ticket opens within this time or not at all. Milliseconds. */
const TICKET_LIFE = 60_000;

/**
 * Admits a subject to a session, or says why not; both are evidence before anybody hears of it. What is verified here is advice: the
 * gateway verifies all of it again and owes nothing to the ticket.
 */
export async function openSession(verbs: Verbs, asked: Ask): Promise<Decision<Admission, RefusalCode>> {
  const looked = await lookAt(verbs, asked, asked.caller.organisation);
  if (!looked.allowed) return looked;
  const ask = knownAs(asked, looked.value);
  const { grant, held, material } = looked.value;
  const now = verbs.clock.now();
  // Asked while the chain is verified: who is refused has only been looked for.
  const [advised, gateway] = await Promise.all([
    advise(ask, grant, held, material, now),
    chooseGateway(verbs, material, { resource: ask.ask.resource, counts: countsUses(grant) }, now),
  ]);
  const admitted = await admit(verbs, ask, grant, advised, gateway, now);
  if (!admitted.allowed) return admitted;
  return allow(offer(verbs, ask, grant, chainOfRow(grant, material), admitted.value));
}

/** The gateway that counts the uses of the standing approval a grant rests on. */
function countsUses({ above: [first] }: GrantRow): LocalId | undefined {
  return first?.document.typ === 'standing-approval' ? first.document.gateway.id : undefined;
}

interface Gateway {
  readonly organisation: OrganisationId;
  readonly id: LocalId;
}

/** What an admission gives, beside the documents it rests on. */
interface Entry extends Pick<Admission, 'ticket' | 'rendezvous' | 'relay'> {
  readonly session: SessionId;
  readonly gateway: Gateway;
}

interface Admitted extends Entry, Advice {}

async function admit(
  verbs: Verbs,
  ask: Ask,
  grant: GrantRow,
  advised: Decision<Advice, RefusalCode>,
  gateway: Gateway | undefined,
  now: Instant,
): Promise<Decision<Admitted, RefusalCode>> {
  if (!advised.allowed) return refused(verbs, ask, grant, advised, now);
  if (!gateway) return refused(verbs, ask, grant, refuse('gateway_not_connected'), now);
  const entry = await entryOf(verbs, grant, advised.value, gateway, now);
  const kept = await once(verbs, ask, async (tx) =>
    (await keep(tx, verbs, ask, grant, { ...entry, ...advised.value }, now)) ? entry : null,
  );
  if (kept === 'key reused') return refuse('idempotency_key_reused');
  return kept ? allow({ ...kept, ...advised.value }) : refused(verbs, ask, grant, refuse('proof_used_up'), now);
}

/**
 * Under an `Idempotency-Key` that admitted before, the entry of then: one session, one use of the login proof, one record. Only who is admitted now
 * comes here, so no yes of before a cut is given again. What is kept opens nothing without the key that the ticket names.
 */
async function once(
  verbs: Verbs,
  { caller, ask, key }: Ask,
  work: (tx: Tx) => Promise<Entry | null>,
): Promise<Entry | null | 'key reused'> {
  if (key === undefined) return verbs.transactor.run(work);
  const name = `${caller.organisation} ${caller.thumbprint}`;
  return answerOnce(verbs.transactor, { caller: name, request: 'open-session', key, body: ask }, work).catch(
    (thrown: unknown) => {
      if (thrown instanceof KeyReused) return 'key reused';
      throw thrown;
    },
  );
}

async function entryOf(verbs: Verbs, grant: GrantRow, advice: Advice, gateway: Gateway, now: Instant): Promise<Entry> {
  const session = verbs.ids.next<SessionId>('ses');
  const claims = ticketOf(verbs, grant, { ...advice, session, gateway }, now);
  const ticket = await signTicket(claims, verbs.ticketSigner, currentTrace()?.traceId);
  const rendezvous = randomBytes(32).toString('base64url');
  const relay = verbs.relays[randomBytes(1).readUInt8(0) % verbs.relays.length] ?? { host: 'localhost', port: 1 };
  return { session, gateway, ticket, rendezvous, relay };
}

/** False, and nothing kept, where the login proof has opened all the sessions it may. */
async function keep(
  tx: Tx,
  verbs: Verbs,
  ask: Ask,
  grant: GrantRow,
  { session, gateway, chain, proof }: Admitted,
  now: Instant,
): Promise<boolean> {
  await tx.actFor(EVERY_ORGANISATION);
  if (!(await usesProof(tx, ask, proof))) return false;
  const { resource, action } = ask.ask;
  const { subject, jkt } = chain;
  const { id, parties } = grant;
  const row = { id: session, grant: id, parties, jkt, subject, resource, action, gateway: gateway.id, proof };
  await insertSession(tx, { ...row, admittedAt: now });
  await record(tx, verbs.ids, {
    ...about(grant, now),
    kind: 'session.admitted',
    outcome: 'allow',
    organisation: subject.organisation,
    subject,
    resource,
    session,
    clause: clauseOfLogin(chain),
    ...approversSaid(chain.approvers),
    documents: [...new Set([...chain.documents, proof])].slice(0, 64),
  });
  return true;
}

/** A machine's certificate, SVIDs among them, may open any number of sessions; a login proof five, all of them for the one key it names. */
export async function usesProof(tx: Tx, { ask, caller }: Ask, proof: Digest): Promise<boolean> {
  if (ask.loginProof === null || saysSvid(ask.loginProof)) return true;
  const expiresAt = (peekLoginProof(ask.loginProof)?.exp ?? 0) * 1000;
  return useLoginProof(tx, proof, caller.thumbprint, expiresAt);
}

/**
 * A no to a subject, as evidence; refusals of one caller about one grant are repeats of each other. Where the other company's own lists or decision
 * point said no, the subject hears that much, and the rest is in the record for that company alone.
 */
export async function refused(
  verbs: Verbs,
  { ask, caller }: Ask,
  grant: GrantRow,
  no: { readonly allowed: false; readonly refusal: { readonly code: RefusalCode; readonly clause?: string } },
  now: Instant,
  kind: 'session.refused' | 'token.refused' = 'session.refused',
): Promise<Decision<never, RefusalCode>> {
  const reason = loggedReason(no.refusal);
  await verbs.refusals.record(
    now,
    `${caller.organisation} ${caller.thumbprint} ${grant.id} ${kind} ${no.refusal.code}`,
    {
      ...about(grant, now),
      kind,
      outcome: 'deny',
      organisation: caller.organisation,
      subject: { organisation: caller.organisation, kind: caller.kind, id: caller.id },
      resource: ask.resource,
      ...{ clause: null, ...reason },
    },
  );
  return { allowed: false, refusal: heardBy(caller.organisation, no.refusal) };
}

const ticketOf = (
  verbs: Verbs,
  grant: GrantRow,
  admitted: Advice & Pick<Entry, 'session' | 'gateway'>,
  now: Instant,
): Ticket => ({
  iss: verbs.origin,
  session: admitted.session,
  grant: grant.id,
  proof: admitted.proof,
  jkt: admitted.chain.jkt,
  gateway: admitted.gateway,
  iat: Math.floor(now / 1000),
  exp: Math.floor((now + TICKET_LIFE) / 1000),
  jti: randomBytes(16).toString('base64url'),
});

/** Hands the gateway everything it needs to decide, and the connector the place to meet. A gateway that has heard it takes it once. */
function offer(
  verbs: Verbs,
  { ask }: Ask,
  grant: GrantRow,
  chain: ChainDocuments,
  { session, gateway, ticket, rendezvous, relay, chain: verified, verdicts }: Admitted,
): Admission {
  const frame: Extract<GatewayFrame, { t: 'offer' }> = {
    t: 'offer',
    session,
    grant: grant.id,
    resource: ask.resource,
    action: ask.action,
    ticket,
    loginProof: ask.loginProof,
    subject: { ...verified.subject },
    leaf: verified.jkt,
    rendezvous,
    relay,
    chain,
    verdicts: [...verdicts],
  };
  verbs.news.deliver(deliveryWords(gateway.organisation, 'gateway', gateway.id), { d: 'frame', frame });
  return { session, ticket, rendezvous, relay, gateway, chain };
}
