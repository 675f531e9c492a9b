import {
  allow,
  type Decision,
  type OrganisationId,
  type QuarantineRelease,
  refuse,
  releaseMissing,
} from '@interlock/domain';
import { type KeyRing, trust, type VerifiedRelease, verifyQuarantineRelease, withoutRevoked } from '@interlock/proof';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { Flows } from '../flow/flows.js';
import type { LiveFlow } from '../flow/open-flow.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { StandingKeeper } from '../standing/keep-standing.js';
import type { BroughtRelease, Finding } from './held-findings.js';

/** What is held back, without the bytes. */
export interface HeldSummary
  extends Pick<QuarantineRelease, 'agreementId' | 'gateway' | 'flow' | 'content' | 'foundAt'> {
  readonly owner: OrganisationId;
  readonly recipients: readonly OrganisationId[];
  readonly reason: string | null;
  readonly signature: string | null;
  readonly observations: number;
  /** Releases that were brought already. */
  readonly releases: number;
}

export interface Released {
  readonly released: boolean;
  /** Whose signature is still missing; an organisation that signed once may be asked for a second person. */
  readonly missing: readonly OrganisationId[];
}

export interface DeskOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly keeper: StandingKeeper;
  readonly flows: Flows;
  readonly book: EvidenceBook;
}

/** Lets go on what was held back, when all who have to have signed for exactly these bytes. */
export class ReleaseDesk {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DeskOptions) {}

  list(): readonly HeldSummary[] {
    return this.held().map(({ flow, finding }) => ({
      ...this.nameOf(flow, finding),
      owner: flow.judged.term.resource.owner,
      recipients: flow.judged.term.recipients,
      reason: finding.verdict.reason,
      signature: finding.verdict.signature,
      observations: finding.lot.observations.length,
      releases: finding.releases.length,
    }));
  }

  /** One after the other: two that come at once must not each find the other missing. */
  take(brought: BroughtRelease): Promise<Decision<Released>> {
    const taken = this.turn.then(() => this.judge(brought));
    this.turn = taken.catch(() => undefined);
    return taken;
  }

  private held(): readonly { readonly flow: LiveFlow; readonly finding: Finding }[] {
    const { flows, clock } = this.options;
    return flows.all().flatMap((flow) => flow.findings.all(clock.now()).map((finding) => ({ flow, finding })));
  }

  private readonly nameOf = ({ judged: { chain } }: LiveFlow, { verdict, foundAt }: Finding) => ({
    agreementId: chain.agreement.id,
    gateway: { organisation: this.options.self.organisation, id: this.options.self.gateway },
    flow: chain.grant.id,
    content: verdict.digest,
    foundAt,
  });

  private async judge(brought: BroughtRelease): Promise<Decision<Released>> {
    const { flow: id, content } = brought.release.document;
    const found = this.held().find(
      ({ flow, finding }) => flow.judged.chain.grant.id === id && finding.verdict.digest === content,
    );
    if (!found) return refuse('release_unfit', { clause: 'finding' });
    const { flow, finding } = found;
    const verified = await this.verify(flow, finding, brought);
    if (!verified.allowed) return verified;
    const all = [...(await this.othersStillGood(flow, finding, verified.value)), { ...verified.value, brought }];
    flow.findings.keepReleases(
      content,
      all.map((one) => one.brought),
    );
    const { resource, recipients } = flow.judged.term;
    const by = all.map((one) => one.by);
    const missing = releaseMissing(resource.owner, recipients, by);
    return missing.length > 0 ? allow({ released: false, missing }) : this.letGo(flow, finding, all);
  }

  private async letGo(flow: LiveFlow, finding: Finding, by: readonly VerifiedRelease[]): Promise<Decision<Released>> {
    const { book, clock } = this.options;
    const { chain, term } = flow.judged;
    const { verdict, lot } = finding;
    const released = by.map(({ digest }) => digest);
    if (verdict.engine === null || verdict.database === null) return refuse('scanner_unavailable');
    const said = {
      kind: 'scan.released',
      outcome: 'allow',
      at: clock.now(),
      session: chain.grant.id,
      resource: term.resource,
      recipients: term.recipients,
      clause: verdict.reason ?? 'engine_failed',
      count: lot.observations.length,
      documents: [verdict.digest, ...released],
      reason: by.map((one) => `${one.by.organisation}/${one.by.id}`).join(', '),
    } as const;
    const written = await book.note(chain.agreement.id, chain, said, false);
    if (!written.allowed) return written;
    const { engine, database, at } = verdict;
    const sealed = await flow.source.release(lot, { engine, database, at, released });
    if (!sealed.allowed) return sealed;
    // After a crash here it is found to be sealed already by whoever brings a release again.
    flow.findings.drop(verdict.digest);
    return allow({ released: true, missing: [] });
  }

  private async ringOf(flow: LiveFlow, brought: BroughtRelease['certificates']): Promise<Decision<KeyRing>> {
    const { keeper, self, clock } = this.options;
    const { agreement, grant } = flow.judged.chain;
    const held = keeper.agreements.get(agreement.id);
    const standing = held?.flows.find(({ document }) => document.id === grant.id);
    if (!held || !standing) return refuse('release_unfit', { clause: 'flow' });
    const { entities, certificates } = held.chainOf(standing);
    const ring = await trust(entities, [...certificates, ...brought].slice(0, 256), self.pins, clock.now());
    return ring.allowed ? allow(withoutRevoked(ring.value, held.acts.values())) : ring;
  }

  private async verify(flow: LiveFlow, finding: Finding, { release, certificates }: BroughtRelease) {
    const ring = await this.ringOf(flow, certificates);
    if (!ring.allowed) return ring;
    const { resource, recipients } = flow.judged.term;
    const { presenter } = finding.lot;
    const asked = { ...this.nameOf(flow, finding), owner: resource.owner, recipients, presenter };
    return verifyQuarantineRelease(release, ring.value, asked, this.options.clock.now());
  }

  /** What others signed before is looked at again: a key may have been revoked since, a time be over. */
  private async othersStillGood(flow: LiveFlow, finding: Finding, { by }: VerifiedRelease) {
    const again = finding.releases.map(async (brought) => {
      const verified = await this.verify(flow, finding, brought);
      return verified.allowed && !samePerson(verified.value.by, by) ? [{ ...verified.value, brought }] : [];
    });
    return (await Promise.all(again)).flat();
  }
}

const samePerson = (one: VerifiedRelease['by'], other: VerifiedRelease['by']): boolean =>
  one.organisation === other.organisation && one.id === other.id;
