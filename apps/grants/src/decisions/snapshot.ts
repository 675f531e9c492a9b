import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { ReadMaterial, type SignatureProof } from '@interlock/contracts';
import { type AgreementId, LiveRights, type Monotonic, type OrganisationId } from '@interlock/domain';
import { provenSignatures, verifyAgreement, verifyGrant } from '@interlock/proof';
import { circumstances } from '../commands/advise.js';
import { type Material, pinsOf } from '../commands/material.js';
import { proofsOfHeld } from '../commands/proofs-of-ended-keys.js';
import { standingAbove } from '../commands/weigh-standing-approval.js';
import { activeGrants, agreementsWithRights, changesFrom, type RightChange } from '../store/decision.store.js';
import type { GrantRow } from '../store/grant.store.js';
import { type HeldUnder, heldUnder } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';

/** What the registry says of an agreement is not believed longer than this without asking. Milliseconds. */
const BELIEVED_FOR = 5_000;
/** Changes older than an hour are forgotten; a snapshot that has not looked for half of that begins anew. */
const BEGINS_ANEW_AFTER = 1_800_000;

interface Loaded {
  readonly grants: readonly GrantRow['id'][];
  readonly at: Monotonic;
}

/**
 * The verified rights of the organisations that ask, in memory. PostgreSQL stays the truth: before an answer counts, whoever gives it asks
 * in the same transaction what changed, and takes it back if anything did. Everything here can be lost.
 */
export class Snapshot {
  rights = new LiveRights();
  private loaded = new Map<AgreementId, Loaded>();
  private askers = new Map<OrganisationId, readonly AgreementId[]>();
  private seen = new Set<string>();
  private xmin: string | undefined;
  private lookedAt: Monotonic = 0;

  constructor(private readonly verbs: Verbs) {}

  /** Reads what these organisations are party to, as far as it is not held. */
  async hold(askers: Iterable<OrganisationId>): Promise<void> {
    const now = this.verbs.clock.monotonic();
    if (now - this.lookedAt > BEGINS_ANEW_AFTER) this.beginAnew();
    if (this.xmin === undefined) this.saw(await this.look(), now);
    for (const asker of askers) {
      const ids = this.askers.get(asker) ?? (await this.agreementsOf(asker));
      this.askers.set(asker, ids);
      for (const id of ids) {
        const had = this.loaded.get(id);
        if (!had || now - had.at >= BELIEVED_FOR) await this.load(asker, id);
      }
    }
  }

  /** From which transaction on `changesFrom` must look. */
  get from(): string {
    return this.xmin ?? '0';
  }

  /** Whether `saw` would say that an answer may have rested on something else. */
  wouldChange({ changes }: { readonly changes: readonly RightChange[] }): boolean {
    return changes.some(
      ({ xid, agreementId, parties }) =>
        !this.seen.has(xid) && (this.loaded.has(agreementId) || parties.some((party) => this.askers.has(party))),
    );
  }

  /** Takes in what changed; false if something did that an answer may have rested on. */
  saw({ changes, xmin }: { readonly changes: readonly RightChange[]; readonly xmin: string }, now: Monotonic): boolean {
    const fresh = changes.filter((change) => !this.seen.has(change.xid));
    this.seen = new Set(changes.map((change) => change.xid));
    this.xmin = xmin;
    this.lookedAt = now;
    let isSame = true;
    for (const { agreementId, parties } of fresh) {
      if (this.loaded.has(agreementId)) isSame = false;
      this.forget(agreementId);
      for (const party of parties) if (this.askers.delete(party)) isSame = false;
    }
    return isSame;
  }

  private look() {
    return this.verbs.transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      const { xmin } = await changesFrom(tx, '9223372036854775807');
      return { changes: [], xmin };
    });
  }

  private beginAnew(): void {
    this.rights = new LiveRights();
    this.loaded = new Map();
    this.askers = new Map();
    this.seen = new Set();
    this.xmin = undefined;
  }

  private forget(id: AgreementId): void {
    for (const grant of this.loaded.get(id)?.grants ?? []) this.rights.delete(grant);
    this.loaded.delete(id);
  }

  private agreementsOf(asker: OrganisationId): Promise<AgreementId[]> {
    return this.verbs.transactor.run(async (tx) => {
      await tx.actFor(asker);
      return agreementsWithRights(tx);
    });
  }

  private async load(asker: OrganisationId, agreementId: AgreementId): Promise<void> {
    const { verbs } = this;
    const now = verbs.clock.now();
    const at = verbs.clock.monotonic();
    const [held, material] = await Promise.all([
      verbs.transactor.run(async (tx) => {
        await tx.actFor(EVERY_ORGANISATION);
        return { rows: await activeGrants(tx, agreementId), under: await heldUnder(tx, agreementId, now) };
      }),
      verbs.requests.ask(
        ReadMaterial,
        { organisation: asker, agreementId, only: null },
        { key: verbs.ids.next('idk') },
      ),
    ]);
    this.forget(agreementId);
    const shown = material.allowed ? await proofsOfHeld(verbs, asker, agreementId, held.rows, held.under.acts) : [];
    const grants = material.allowed ? await this.take(held.rows, held.under, material.value, shown) : [];
    this.loaded.set(agreementId, { grants, at });
  }

  /** Whatever does not verify now is not held, and what is not held is no. */
  private async take(
    rows: readonly GrantRow[],
    under: HeldUnder,
    material: Material,
    shown: readonly SignatureProof[],
  ): Promise<GrantRow['id'][]> {
    const now = this.verbs.clock.now();
    const pins = pinsOf(material);
    const ring = await this.verbs.rings.of(material.entities, material.certificates, pins, now);
    if (!ring.allowed) return [];
    if ([...ring.value.entities.values()].some(({ document }) => now >= document.expiresAt)) return [];
    const agreement = await verifyAgreement(material.view.agreement, ring.value, pins, now);
    if (!agreement.allowed) return [];
    const { document, digest } = agreement.value;
    const proven = provenSignatures(shown, ring.value, document);
    this.rights.setUnder({ agreement: document, digest, facts: circumstances(under, material) });
    const taken: GrantRow['id'][] = [];
    for (const row of rows) {
      // A delegation is answered by the gateway, which follows its whole chain; here it is not held, so it is no.
      if (row.document.typ !== 'grant') continue;
      const signed = { document: row.document, signatures: [...row.signatures] };
      const standing = await standingAbove(this.verbs, row.above, material, now);
      if (!standing.allowed) continue;
      const right = await verifyGrant(signed, agreement.value, ring.value, now, proven, standing.value);
      if (!right.allowed) continue;
      this.rights.add(right.value, []);
      taken.push(row.id);
    }
    return taken;
  }
}
