import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { RefusalCode } from '@interlock/contracts';
import {
  type Approvable,
  allow,
  type Decision,
  type Instant,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, signatureDigest } from '@interlock/proof';
import { record } from '../store/evidence.store.js';
import {
  type AboveRow,
  findGrant,
  type GrantRow,
  grantOfDigest,
  holdAbove,
  insertGrant,
  parentOf,
} from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';
import { announceGrant } from './announce-grant.js';
import type { Weighed } from './closed-to.js';
import { type Material, readMaterial } from './material.js';
import { type GrantView, presentGrant } from './present-grant.js';
import { about, keepSignatures } from './sign-grant.command.js';
import { withStrikes } from './struck-members.js';
import { weighRight } from './weigh-right.js';

/** Takes a grant that somebody asks for, with at least one signature of either side; active at once if nothing is missing. */
export async function askGrant(
  verbs: Verbs,
  organisation: OrganisationId,
  grant: Signed<Approvable>,
): Promise<Decision<GrantView, RefusalCode>> {
  const { document } = grant;
  const above = await aboveOf(verbs, organisation, document);
  const material = await readMaterial(verbs, organisation, document.agreementId, {
    blocks: [...grant.signatures, ...above.flatMap((one) => one.signatures)],
    subjects: document.subjects,
    ...(document.resources[0] ? { owner: document.resources[0].owner } : {}),
  });
  if (!material.allowed) return material;
  const now = verbs.clock.now();
  const known = await withStrikes(verbs, document, material.value);
  const weighed = await weighRight(verbs, { document, above }, grant.signatures, known, now);
  const decision = await verbs.transactor.run(async (tx): Promise<Decision<GrantRow, RefusalCode>> => {
    await tx.actFor(organisation);
    const known = await findGrant(tx, document.id);
    if (known) return known.digest === digestOf(document) ? allow(known) : refuse('illegal_transition');
    await tx.actFor(EVERY_ORGANISATION);
    if (weighed.allowed) return keep(tx, verbs, organisation, { document, above }, material.value, weighed.value, now);
    const { code, clause } = weighed.refusal;
    await record(tx, verbs.ids, {
      log: document.agreementId,
      at: now,
      agreement: document.agreement,
      grant: digestOf(document),
      kind: 'grant.refused',
      outcome: 'deny',
      organisation,
      code,
      clause: clause ?? null,
    });
    return weighed;
  });
  if (!decision.allowed) return decision;
  announceGrant(verbs, decision.value);
  return allow(presentGrant(decision.value));
}

/** What a right hangs on, as this organisation may see it; nothing where it hangs on nothing that is here. */
const aboveOf = (verbs: Verbs, organisation: OrganisationId, document: Approvable): Promise<readonly AboveRow[]> =>
  verbs.transactor.run(async (tx) => {
    const digest = parentOf(document);
    if (!digest) return [];
    await tx.actFor(organisation);
    const parent = await grantOfDigest(tx, digest);
    return parent && parent.agreementId === document.agreementId ? [...parent.above, parent] : [];
  });

async function keep(
  tx: Tx,
  verbs: Verbs,
  organisation: OrganisationId,
  { document, above }: Pick<GrantRow, 'document' | 'above'>,
  material: Material,
  weighed: Weighed,
  now: Instant,
): Promise<Decision<GrantRow, RefusalCode>> {
  const row: GrantRow = {
    id: document.id,
    digest: digestOf(document),
    agreementId: document.agreementId,
    owner: weighed.owner,
    subjectSide: weighed.subjectSide,
    parties: material.view.agreement.document.parties.map((party) => party.organisation),
    status: 'asked',
    document,
    signatures: [],
    above,
  };
  if (above.length > 0 && !(await holdAbove(tx, row))) return refuse('taken_away', { clause: 'parent' });
  // The id may be a stranger's grant: then there is nothing here under this name.
  if (!(await insertGrant(tx, row, now))) return refuse('not_a_party');
  const signatures = weighed.made.map(({ block }) => signatureDigest(block));
  await record(tx, verbs.ids, {
    ...about(row, now),
    kind: 'grant.requested',
    outcome: 'change',
    organisation,
    signatures,
  });
  return keepSignatures(tx, verbs, row, weighed, now);
}
