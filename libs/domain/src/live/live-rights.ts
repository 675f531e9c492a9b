import type { Ask, Circumstances } from '../decide.js';
import type { Agreement } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Instant, Interval } from '../instant.js';
import type { Digest, GrantId, OrganisationId, ResourceRef, SubjectRef, Thumbprint } from '../names.js';
import type { ChainFacts, VerifiedChain } from '../verified-chain.js';
import { HeldRights, type Shape } from './held-rights.js';
import { hashOf, RowTable } from './row-table.js';

/** A grant whose chain has been verified, before anybody uses it: what `proof.verifyRight` found. */
export type RightFacts = Omit<ChainFacts, 'subject' | 'jkt'>;

/** What all rights under one agreement version share; replaced as a whole when anything of it changes. */
export interface Under {
  readonly agreement: Agreement;
  readonly digest: Digest;
  readonly facts: Circumstances;
}

/** A chain that could answer a question, and the facts beside it. */
export interface Candidate {
  readonly chain: VerifiedChain;
  readonly facts: Circumstances;
}

/** Who signed, for the acts that revoke a key. */
type Signers = Pick<ChainFacts, 'keys' | 'approvers'>;

const resourceName = ({ owner, id }: ResourceRef): string => `${id} ${owner}`;
const hashOfSubject = ({ organisation, id }: SubjectRef): number => hashOf(id, organisation);

/**
 * Every live right of a decision service, found by subject and by resource. It decides nothing: it hands `decide` the chains that could
 * answer a question. Whoever asks sees rights under agreements he is party to, as if there were no others.
 */
export class LiveRights {
  private readonly held = new HeldRights();
  private readonly bySubject = new RowTable();
  private readonly byId = new RowTable();
  private readonly byResource = new Map<string, number[]>();
  private readonly unders: Under[] = [];
  private readonly underOf = new Map<Digest, number>();
  private readonly shapes = new Shared<Shape>();
  private readonly signers = new Shared<Signers>();
  private count = 0;

  /** How many rights are held. */
  get size(): number {
    return this.count;
  }

  /** Sets what the rights under an agreement version share; all of them follow at once. */
  setUnder(under: Under): void {
    const had = this.underOf.get(under.digest);
    if (had === undefined) this.underOf.set(under.digest, this.unders.push(under) - 1);
    else this.unders[had] = under;
  }

  /**
   * Adds a verified right, or replaces it. `holds` are the certified keys of its subjects in their order, null where a login
   * proof names the key. Throws where nothing was set for its agreement version.
   */
  add(right: RightFacts, holds: readonly (Thumbprint | null)[]): void {
    const under = this.underOf.get(right.agreementDigest);
    if (under === undefined) throw new Error('nothing is held of the agreement of this right');
    // A row has no room for what a delegation hangs on; answered as a grant it would be wider than it is.
    if (right.delegations.length > 0) throw new Error('a delegation is no row');
    const { grant, grantDigest, owner, subjectSide, keys, approvers } = right;
    this.delete(grant.id);
    // It opens nothing before an approver activates it at the gateway: nobody is told that it would.
    if (grant.dormant) return;
    const { typ, v, kind, agreementId, agreement, requester, actions, purpose, recurrence, memberLists } = grant;
    const head = { typ, v, kind, agreementId, agreement, requester, actions, purpose, recurrence, memberLists };
    const shape = this.shapes.numberOf({ head, owner, subjectSide, under });
    const signers = this.signers.numberOf({ keys, approvers });
    const row = this.held.write({ shape, signers, grant, digest: grantDigest, holds });
    for (const subject of grant.subjects) this.bySubject.add(hashOfSubject(subject), row);
    for (const resource of grant.resources) this.rowsOf(resource).push(row);
    this.byId.add(hashOf(grant.id, ''), row);
    this.count += 1;
  }

  /** Forgets a right; false if it was not held. */
  delete(id: GrantId): boolean {
    const hash = hashOf(id, '');
    for (let slot = this.byId.find(hash); slot >= 0; slot = this.byId.find(hash, this.byId.after(slot))) {
      const row = this.byId.rowAt(slot);
      if (!this.held.isGrant(row, id)) continue;
      const { subjectSide, owner } = this.shapeOf(row);
      this.byId.delete(hash, row);
      for (const subject of this.held.subjectsOf(row, subjectSide)) this.bySubject.delete(hashOfSubject(subject), row);
      for (const resource of this.held.resourcesOf(row, owner)) {
        const rows = this.rowsOf(resource);
        rows.splice(rows.indexOf(row), 1);
        if (rows.length === 0) this.byResource.delete(resourceName(resource));
      }
      this.held.release(row);
      this.count -= 1;
      return true;
    }
    return false;
  }

  /**
   * The chains by which this subject might reach this resource now. Of a grant's subjects, resources and windows a chain names those
   * that the question is about: `decide` answers the same as for the whole grant.
   */
  candidates(asker: OrganisationId, ask: Ask, now: Instant): Candidate[] {
    const candidates: Candidate[] = [];
    const hash = hashOfSubject(ask.subject);
    for (
      let slot = this.bySubject.find(hash);
      slot >= 0;
      slot = this.bySubject.find(hash, this.bySubject.after(slot))
    ) {
      const candidate = this.candidate(this.bySubject.rowAt(slot), asker, ask, now);
      if (candidate) candidates.push(candidate);
    }
    return candidates;
  }

  /** Who is named by any right to this resource. */
  subjectsOf(asker: OrganisationId, resource: ResourceRef): SubjectRef[] {
    const rows = this.byResource.get(resourceName(resource)) ?? [];
    const named = rows
      .filter((row) => this.knows(asker, this.shapeOf(row)))
      .flatMap((row) => this.held.subjectsOf(row, this.shapeOf(row).subjectSide));
    return [...new Map(named.map((who) => [`${who.id} ${who.kind} ${who.organisation}`, who] as const)).values()];
  }

  /** What this subject is named for by any right. */
  reachOf(asker: OrganisationId, subject: SubjectRef): { resource: ResourceRef; actions: Grant['actions'] }[] {
    const reach: { resource: ResourceRef; actions: Grant['actions'] }[] = [];
    const hash = hashOfSubject(subject);
    for (
      let slot = this.bySubject.find(hash);
      slot >= 0;
      slot = this.bySubject.find(hash, this.bySubject.after(slot))
    ) {
      const row = this.bySubject.rowAt(slot);
      const shape = this.shapeOf(row);
      if (shape.subjectSide !== subject.organisation || this.held.keyOf(row, subject) === undefined) continue;
      if (!this.knows(asker, shape)) continue;
      for (const resource of this.held.resourcesOf(row, shape.owner))
        reach.push({ resource, actions: shape.head.actions });
    }
    return reach;
  }

  private candidate(row: number, asker: OrganisationId, ask: Ask, now: Instant): Candidate | undefined {
    const shape = this.shapeOf(row);
    if (shape.subjectSide !== ask.subject.organisation || shape.owner !== ask.resource.owner) return undefined;
    const keyAt = this.held.keyOf(row, ask.subject);
    if (keyAt === undefined || !this.held.namesResource(row, ask.resource.id)) return undefined;
    if (!this.knows(asker, shape)) return undefined;
    const under = this.unders[shape.under] as Under;
    const signers = this.signers.at(this.held.signers(row));
    const jkt = this.held.keyAt(row, keyAt, ask.leaf);
    const grant = new GrantView(this.held, row, shape, ask, this.held.window(row, now));
    const chain: ChainFacts = new ChainView(this.held, row, shape, under, signers, ask, jkt, grant);
    return { chain: chain as VerifiedChain, facts: under.facts };
  }

  private shapeOf(row: number): Shape {
    return this.shapes.at(this.held.shape(row));
  }

  private knows(asker: OrganisationId, shape: Shape): boolean {
    const parties = this.unders[shape.under]?.agreement.parties ?? [];
    return parties.some((party) => party.organisation === asker);
  }

  private rowsOf(resource: ResourceRef): number[] {
    const name = resourceName(resource);
    const had = this.byResource.get(name);
    if (had) return had;
    const rows: number[] = [];
    this.byResource.set(name, rows);
    return rows;
  }
}

/** A held grant as a question sees it. Its id is read from the row only where something asks for it. */
class GrantView implements Grant {
  readonly typ = 'grant';
  readonly v = 1;
  readonly issuedAt = 0;
  readonly subjects: Grant['subjects'];
  readonly resources: Grant['resources'];
  readonly windows: Grant['windows'];
  private text: GrantId | undefined;

  constructor(
    private readonly held: HeldRights,
    private readonly row: number,
    private readonly shape: Shape,
    ask: Ask,
    window: Interval | undefined,
  ) {
    this.subjects = [ask.subject];
    this.resources = [ask.resource];
    this.windows = window ? [window] : [];
  }

  get id() {
    this.text ??= this.held.grantId(this.row);
    return this.text;
  }
  get ticket() {
    return this.held.ticket(this.row);
  }
  get kind() {
    return this.shape.head.kind;
  }
  get agreementId() {
    return this.shape.head.agreementId;
  }
  get agreement() {
    return this.shape.head.agreement;
  }
  get requester() {
    return this.shape.head.requester;
  }
  get actions() {
    return this.shape.head.actions;
  }
  get purpose() {
    return this.shape.head.purpose;
  }
  get recurrence() {
    return this.shape.head.recurrence;
  }
  get memberLists() {
    return this.shape.head.memberLists;
  }
}

/** The chain of a held right for one subject. Only what `proof` verified is ever held: the brand is handed on, not made. */
class ChainView {
  readonly agreement: Agreement;
  readonly agreementDigest: Digest;
  readonly subject: SubjectRef;
  constructor(
    private readonly held: HeldRights,
    private readonly row: number,
    private readonly shape: Shape,
    under: Under,
    private readonly signers: Signers,
    ask: Ask,
    readonly jkt: Thumbprint,
    readonly grant: Grant,
  ) {
    this.agreement = under.agreement;
    this.agreementDigest = under.digest;
    this.subject = ask.subject;
  }

  get grantDigest() {
    return this.held.digest(this.row);
  }
  /** Only grants are held as rows. */
  get delegations() {
    return [];
  }
  get owner() {
    return this.shape.owner;
  }
  get subjectSide() {
    return this.shape.subjectSide;
  }
  get approvers() {
    return this.signers.approvers;
  }
  get keys() {
    return [...this.signers.keys, { organisation: this.shape.subjectSide, thumbprint: this.jkt }];
  }
  get documents() {
    return [this.agreementDigest, this.grantDigest];
  }
}

/** Equal things once, by a number. There are as many as there are ways of asking and sets of signers. */
class Shared<T> {
  private readonly all: T[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(value: T): number {
    const name = JSON.stringify(value);
    const had = this.numbers.get(name);
    if (had !== undefined) return had;
    this.numbers.set(name, this.all.length);
    return this.all.push(value) - 1;
  }

  at(number: number): T {
    return this.all[number] as T;
  }
}
