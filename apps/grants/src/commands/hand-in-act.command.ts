import { append, EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { type Delivery, deliveryWords, GrantRevoked, KeyRevoked, type RefusalCode } from '@interlock/contracts';
import {
  type Act,
  allow,
  type Decision,
  type Digest,
  type EvidenceKind,
  GRANT_TRANSITIONS,
  type HeldAct,
  type Instant,
  mayBecome,
  type OrganisationId,
  parseThumbprint,
  refuse,
  type Signed,
} from '@interlock/domain';
import { verifyAct } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import { type GrantRow, lockGrant, moveTo, revokeUnder } from '../store/grant.store.js';
import { insertAct } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import { type Material, pinsOf, readMaterial } from './material.js';
import { about, delegatorsOf } from './sign-grant.command.js';

/** What the registry keeps acts on. */
const ELSEWHERE: ReadonlySet<string> = new Set(['agreement', 'annex', 'resource']);

const EVIDENCE: Partial<Record<Act['target']['kind'], EvidenceKind>> = {
  grant: 'grant.revoked',
  gateway: 'lockout.set',
};

/**
 * Takes an act on a grant, session, person, machine, workload, key or gateway: stored and evidenced in one transaction, then pushed to the gateways
 * and agents of all parties before anything else is done. Handing in one act again pushes it again.
 */
export async function handInAct(
  verbs: Verbs,
  organisation: OrganisationId,
  act: Signed<Act>,
): Promise<Decision<{ digest: Digest }, RefusalCode>> {
  const { document } = act;
  const lockout = document.verb === 'suspend' && document.target.kind === 'gateway';
  const takesAway = document.verb === 'revoke' && document.target.kind !== 'gateway';
  if (!(lockout || takesAway) || ELSEWHERE.has(document.target.kind)) {
    return refuse('malformed', { clause: 'act target' });
  }
  const material = await readMaterial(verbs, organisation, document.agreementId, { blocks: act.signatures });
  if (!material.allowed) return material;
  const now = verbs.clock.now();
  const ring = await verbs.rings.of(material.value.entities, material.value.certificates, pinsOf(material.value), now);
  if (!ring.allowed) return ring;
  const held = await verifyAct(act, ring.value, material.value.view.agreement.document, now);
  if (!held.allowed) return held;
  const parties = partiesOf(material.value);
  await verbs.transactor.run((tx) => keep(tx, verbs, held.value, act, parties, now));
  const frame: Delivery = { d: 'frame', frame: { t: 'act', act } as { t: string } };
  for (const party of parties) {
    verbs.news.deliver(deliveryWords(party, 'gateway'), frame);
    verbs.news.deliver(deliveryWords(party, 'agent'), frame);
  }
  return allow({ digest: held.value.digest });
}

const partiesOf = (material: Material): OrganisationId[] =>
  material.view.agreement.document.parties.map((party) => party.organisation);

async function keep(
  tx: Tx,
  verbs: Verbs,
  held: HeldAct,
  act: Signed<Act>,
  parties: readonly OrganisationId[],
  now: Instant,
): Promise<void> {
  await tx.actFor(EVERY_ORGANISATION);
  if (!(await insertAct(tx, held, act, parties, now))) return;
  const { target, organisation, agreementId } = held.act;
  const grant = target.kind === 'grant' ? await lockGrant(tx, target.id) : undefined;
  const reached = grant?.agreementId === agreementId ? grant : undefined;
  await record(tx, verbs.ids, {
    log: agreementId,
    at: now,
    kind: EVIDENCE[target.kind] ?? 'session.cut',
    outcome: 'cut',
    organisation,
    subject:
      target.kind === 'person' || target.kind === 'machine' || target.kind === 'workload'
        ? { organisation, kind: target.kind, id: target.id }
        : null,
    grant: reached?.digest ?? null,
    ...(reached && delegatorsOf(reached)),
    agreement: reached?.document.agreement ?? null,
    session: target.kind === 'session' ? target.id : null,
    code: `${held.act.verb} ${target.kind}`,
    reason: held.act.reason,
    documents: [held.digest],
  });
  if (reached && mayBecome(GRANT_TRANSITIONS, reached.status, 'revoked')) {
    await moveTo(tx, reached.id, 'revoked');
    await append(tx, GrantRevoked, verbs.ids.next('evt'), { id: reached.id, agreementId, act: held.digest });
  }
  // What hangs on it dies with it, whether or not it was in use.
  if (reached) await endUnder(tx, verbs, reached, held, now);
  const key = target.kind === 'key' ? parseThumbprint(target.id) : undefined;
  if (key) await append(tx, KeyRevoked, verbs.ids.next('evt'), { organisation, key, act: held.digest });
}

async function endUnder(tx: Tx, verbs: Verbs, parent: GrantRow, held: HeldAct, now: Instant): Promise<void> {
  const { agreementId, organisation } = held.act;
  for (const row of await revokeUnder(tx, parent.digest)) {
    const said = about(row, now);
    await record(tx, verbs.ids, {
      ...said,
      kind: 'grant.revoked',
      outcome: 'cut',
      organisation,
      code: 'revoke parent',
      documents: [...said.documents, held.digest],
    });
    await append(tx, GrantRevoked, verbs.ids.next('evt'), { id: row.id, agreementId, act: held.digest });
  }
}
