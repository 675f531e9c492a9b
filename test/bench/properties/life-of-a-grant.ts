// The whole life of a grant: request, approvals, deputies, activation, delegation, suspension, membership, revocation, end. What happens is drawn at random, played to
// the rules of libs/ one by one, and told to an oracle as a list; both are asked after each step who may act.

import {
  type Act,
  type Approver,
  covered,
  type Delegation,
  decide,
  delegated,
  GRANT_TRANSITIONS,
  type GrantId,
  type GrantStatus,
  type HeldAct,
  type HeldAnnex,
  type HeldDelegation,
  mayBecome,
  type VerifiedChain,
} from '@interlock/domain';
import {
  agreementOf,
  approver,
  BUYER,
  chainOf,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  MINUTE,
  NOW,
  press7,
  technician,
  VENDOR,
} from '../../../libs/domain/test/a-right.js';
import { type Company, type Happening, mayAct, type Person } from './oracles/life-of-a-grant.js';
import type { Property, Random } from './property.js';

const STEPS = 14;
const pool = digest('pool');
const term = { type: 'delegation', depth: 1, delegates: [VENDOR], unapproved: [] } as const;
const agreement = agreementOf({ terms: [...agreementOf().terms, term] });
const grant = grantOf({ memberLists: { subjects: pool } });
const person = (name: string) => ({ organisation: VENDOR, kind: 'person' as const, id: id(name) });
const list: HeldAnnex = {
  annex: {
    ...{ typ: 'member-list', v: 1, organisation: VENDOR, agreementId: agreement.id, group: id('experts') },
    ...{ of: 'person', members: [id('technician'), id('colleague')], issuedAt: NOW },
  },
  digest: pool,
  signers: [VENDOR],
};
const DELEGATION = 'grt_2' as GrantId;
const PEOPLE: readonly Person[] = [
  ...(['technician', 'colleague', 'first-approver', 'second-approver', 'stand-in', 'guest'] as const),
];
const APPROVERS = PEOPLE.slice(2);
const organisationOf = (company: Company) => (company === 'vendor' ? VENDOR : BUYER);

/** A grant as the services and the gateway keep it, moved by their rules alone. */
class Life {
  private status: GrantStatus = 'asked';
  private readonly yes: Approver[] = [];
  private readonly yesToDelegation: Approver[] = [];
  private readonly acts: HeldAct[] = [];
  private delegation: Delegation | undefined;

  play(one: Happening, now: number): void {
    switch (one.what) {
      case 'yes':
        this.approve(one, now);
        break;
      case 'no':
        // After a yes of the same company it is a revocation.
        if (this.status === 'active') this.act(BUYER, { target: { kind: 'grant', id: grant.id } });
        this.move(this.status === 'asked' ? 'denied' : 'revoked');
        break;
      case 'handed on':
        this.delegation ??= handedOn(one.from, one.to);
        break;
      case 'revoked':
        this.act(organisationOf(one.by), { target: targetOf(one.thing) });
        if (one.thing === 'grant') this.move('revoked');
        break;
      case 'struck':
        this.act(organisationOf(one.by), { target: { kind: 'member', id: id(one.who), list: pool } });
        break;
      case 'suspended':
        this.act(
          organisationOf(one.by),
          { verb: 'suspend', target: { kind: 'agreement', id: agreement.id } },
          one.name,
        );
        break;
      case 'resumed': {
        const signers = one.by.map(organisationOf);
        const over: Partial<Act> = {
          verb: 'resume',
          target: { kind: 'agreement', id: agreement.id },
          lifts: digest(one.name),
        };
        this.acts.push(held(over, `resume ${this.acts.length}`, signers));
        break;
      }
    }
  }

  mayAct(who: 'technician' | 'colleague', now: number): boolean {
    if (this.status !== 'active') return false;
    const delegations: HeldDelegation[] = [];
    if (who === 'colleague') {
      if (!this.delegation) return false;
      const inside = delegated(this.delegation, [grant], agreement, this.yesToDelegation, now);
      if (!inside.allowed) return false;
      delegations.push({ document: this.delegation, digest: digest('delegation') });
    }
    const approvers = [...this.yes, ...(who === 'colleague' ? this.yesToDelegation : [])];
    const chain = {
      ...chainOf(agreement, grant),
      approvers,
      delegations,
      subject: person(who),
    } as unknown as VerifiedChain;
    const ask = { subject: person(who), leaf: chain.jkt, action: id('ssh'), resource: press7, session: null };
    return decide(chain, ask, { acts: this.acts, verdicts: [], annexes: [list], invalid: new Set() }, now).allowed;
  }

  private approve({ to, who, inPlaceOfSecond }: Extract<Happening, { what: 'yes' }>, now: number): void {
    const seat = { id: id('second-approver'), groups: [id('maintenance')], resources: [] };
    const isDeputy = who === 'stand-in';
    const one = approver(who, {
      signedAt: now,
      guest: who === 'guest',
      ...(isDeputy && { groups: [], ...(inPlaceOfSecond && { deputyFor: [seat] }) }),
    });
    const given = to === 'grant' ? this.yes : this.yesToDelegation;
    // The first signature of a key is kept.
    if (given.some((before) => before.id === one.id)) return;
    if (to === 'delegation') {
      if (this.delegation) this.yesToDelegation.push(one);
      return;
    }
    if (this.status === 'active') return;
    this.yes.push(one);
    if (covered(grant, agreement, technician, this.yes, now).allowed) this.move('active');
  }

  private act(organisation: Act['organisation'], over: Partial<Act>, name = `act ${this.acts.length}`): void {
    this.acts.push(held({ organisation, ...over }, name, [organisation]));
  }

  private move(status: GrantStatus): void {
    if (mayBecome(GRANT_TRANSITIONS, this.status, status)) this.status = status;
  }
}

function targetOf(thing: Extract<Happening, { what: 'revoked' }>['thing']): Act['target'] {
  if (thing === 'grant') return { kind: 'grant', id: grant.id };
  return thing === 'delegation' ? { kind: 'grant', id: DELEGATION } : { kind: 'person', id: id(thing) };
}

function handedOn(from: number, to: number): Delegation {
  const { memberLists: _, dormant: _d, recurrence: _r, standingApproval: _s, ...rest } = grant;
  return {
    ...{ ...rest, typ: 'delegation', id: DELEGATION, parent: digest('grant'), uses: null, reason: 'holiday' },
    ...{ requester: { organisation: VENDOR, id: id('technician') }, subjects: [person('colleague')] },
    windows: [{ from, to }],
  };
}

/** What may happen next, mostly towards a right that stands: otherwise nearly every life would end before it began. */
function draw(random: Random, at: number): Happening {
  const by = random.pick(['vendor', 'buyer'] as const);
  const yes = (to: 'grant' | 'delegation'): Happening => {
    const inPlaceOfSecond = random.chance(2);
    return { what: 'yes', to, who: random.pick(APPROVERS), inPlaceOfSecond };
  };
  const kind = random.below(20);
  if (kind < 7) return yes('grant');
  if (kind < 11) return yes('delegation');
  if (kind < 14) {
    const from = NOW - HOUR - (random.chance(6) ? MINUTE : 0);
    return { what: 'handed on', from, to: NOW + (random.chance(6) ? 2 * HOUR : random.below(60) * MINUTE) };
  }
  if (kind < 16) return { what: 'suspended', by, name: `suspension ${at}` };
  if (kind < 18) {
    const signers = random.chance(3) ? ([by] as const) : (['vendor', 'buyer'] as const);
    return { what: 'resumed', by: signers, name: `suspension ${random.below(at + 1)}` };
  }
  if (random.chance(4)) return { what: 'no' };
  if (random.chance(3)) return { what: 'struck', by, who: random.pick(PEOPLE) };
  return { what: 'revoked', by, thing: random.pick(['grant', 'delegation', ...PEOPLE] as const) };
}

const yes = (to: 'grant' | 'delegation', who: Person): Happening => ({ what: 'yes', to, who, inPlaceOfSecond: false });
/** How a life goes well; every other one begins with some of it, or few would come far enough for anything to end. */
const GOES_WELL: readonly Happening[] = [
  ...[yes('grant', 'first-approver'), yes('grant', 'second-approver')],
  { what: 'handed on', from: NOW - HOUR, to: NOW + HOUR },
  ...[yes('delegation', 'first-approver'), yes('delegation', 'second-approver')],
];

/** Plays one life, and compares after every step. */
export const lifeOfAGrant: Property = (random) => {
  const life = new Life();
  const history: Happening[] = [];
  let now = NOW - 2 * HOUR;
  const contract = { from: NOW - HOUR, to: NOW + HOUR };
  const begun = random.chance(2) ? GOES_WELL.slice(0, random.below(GOES_WELL.length + 1)) : [];
  for (let at = 0; at < STEPS; at += 1) {
    const one = begun[at] ?? draw(random, at);
    history.push(one);
    life.play(one, now);
    now += random.below(25) * MINUTE;
    for (const who of ['technician', 'colleague'] as const) {
      const [ours, theirs] = [life.mayAct(who, now), mayAct(history, who, now, contract)];
      if (ours !== theirs) return `${who} at ${now}: ${ours}, the oracle ${theirs}, after ${JSON.stringify(history)}`;
    }
  }
  return undefined;
};
