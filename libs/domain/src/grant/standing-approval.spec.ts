import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  approver,
  BUYER,
  chainOf,
  DAY,
  digest,
  grantOf,
  HOUR,
  houseOf,
  id,
  key,
  NOW,
  OTHER,
  press7,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import { takenAwayBy } from '../act/standing.js';
import { decide } from '../decide.js';
import type { Agreement, Term } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { StandingApproval } from '../documents/standing-approval.js';
import type { GrantId, OrganisationId } from '../names.js';
import type { VerifiedChain } from '../verified-chain.js';
import { covered } from './covered.js';
import { usedUp } from './delegated.js';
import { standingApproved } from './standing-approval.js';
import { countedElsewhere } from './under-standing.js';

const press8 = { ...press7, id: id('press-8') };
const person = (name: string, organisation = VENDOR) => ({ organisation, kind: 'person' as const, id: id(name) });
const agreement = agreementOf({
  resources: [press7, press8].map((one) => ({ ...one, class: 'standard', services: [id('ssh'), id('vnc')] })),
  effectiveFrom: NOW - DAY,
  endsAt: NOW + 365 * DAY,
});
const approvalOf = (over: Partial<StandingApproval> = {}): StandingApproval => {
  const { ticket: _, ...grant } = grantOf();
  return {
    ...grant,
    typ: 'standing-approval',
    id: 'grt_9' as GrantId,
    requester: { organisation: BUYER, id: id('first-approver') },
    ticket: null,
    windows: [{ from: NOW - HOUR, to: NOW + 30 * DAY }],
    longestWindowSeconds: 4 * 3_600,
    uses: 2,
    gateway: { id: id('plant'), key: key('of the plant') },
    ...over,
  };
};
const codeOf = (said: { allowed: true } | { allowed: false; refusal: { code: string; clause?: string } }) =>
  said.allowed ? 'allowed' : `${said.refusal.code} ${said.refusal.clause ?? ''}`.trim();
const approved = (over: Partial<StandingApproval> = {}, by = twoApprovers, under: Agreement = agreement, now = NOW) =>
  codeOf(standingApproved(approvalOf(over), under, by, now));

describe('a standing approval', () => {
  it('is given by as many of the owner as a grant needs, the one who proposes it among them', () => {
    expect(approved()).toBe('allowed');
    expect(approved({}, twoApprovers.slice(1))).toBe('approvals_missing remote-service');
    expect(approved({}, [approver('first-approver'), approver('first-approver')])).toBe(
      'approvals_missing remote-service',
    );
    expect(approved({}, [approver('first-approver'), approver('guest', { guest: true })])).toContain(
      'approvals_missing',
    );
    expect(approved({}, [...twoApprovers, approver('late', { hours: [] })])).toContain('approval_out_of_hours');
  });

  it('lasts at most ninety days, in one window, and never beyond the agreement', () => {
    const until = (to: number, from = NOW - HOUR) => approved({ windows: [{ from, to }] });
    expect(until(NOW - HOUR + 90 * DAY)).toBe('allowed');
    expect(until(NOW - HOUR + 90 * DAY + 1)).toBe('standing_too_wide expiry');
    // Counted from when it was given: one that begins later ends no later.
    expect(until(NOW - HOUR + 90 * DAY + 1, NOW + DAY)).toBe('standing_too_wide expiry');
    expect(until(NOW - HOUR)).toBe('standing_too_wide expiry');
    const [window] = approvalOf().windows;
    expect(approved({ windows: [window!, window!] })).toBe('standing_too_wide expiry');
    expect(approved({ windows: [] })).toBe('standing_too_wide expiry');
    const short = { ...agreement, endsAt: NOW + DAY };
    expect(approved({}, twoApprovers, short)).toBe('window_outside_agreement remote-service');
  });

  it.each<[string, Partial<StandingApproval>]>([
    ['resource_not_agreed', { resources: [press7, { ...press7, id: id('press-9') }] }],
    ['action_not_agreed', { actions: [id('ssh'), id('rdp')] }],
    ['kind_not_agreed machine-to-machine', { kind: 'machine-to-machine' }],
    ['standing_too_wide kind', { kind: 'data-collection' }],
    ['purpose_not_agreed remote-service', { purpose: id('training') }],
    ['window_too_long remote-service', { longestWindowSeconds: 8 * 3_600 + 1 }],
    ['not_a_party', { subjects: [person('expert', OTHER)] }],
    ['not_a_party', { subjects: [person('technician'), person('operator', BUYER)] }],
    ['not_a_party', { requester: { organisation: VENDOR, id: id('first-approver') } }],
    ['not_a_party', { resources: [press7, { owner: VENDOR, id: id('analytics') }] }],
    ['same_side', { subjects: [person('operator', BUYER)] }],
  ])('is refused as %s', (code, over) => expect(approved(over)).toBe(code));

  it('gives nobody what a subject of it said yes to, and counts no longer than an approval does', () => {
    const house = houseOf(BUYER, { endsAt: NOW + 365 * DAY });
    const own = { subjects: [person('first-approver', BUYER)] };
    expect(approved(own, twoApprovers, house)).toBe('approver_is_party_to_request remote-service');
    const limits = {
      type: 'time-limits',
      kind: 'remote-service',
      bookingSeconds: DAY,
      approvalSeconds: 7_200,
      workingSeconds: 3_600,
    };
    const limited = { ...agreement, terms: [...agreement.terms, limits as Term] };
    expect(approved({}, twoApprovers, limited)).toBe('allowed');
    expect(approved({}, twoApprovers, limited, NOW + HOUR)).toContain('approval_lapsed');
  });

  it('gives a third party windows as long as it was brought in for, however long it stands', () => {
    const third = { organisation: OTHER, role: 'third-party' as const, root: key('root'), entity: digest('other') };
    const term: Term = {
      ...{ type: 'third-party', party: OTHER, broughtBy: VENDOR, kinds: ['remote-service'], resources: [press7] },
      ...{ actions: [id('ssh')], purposes: [id('repair')], longestWindowSeconds: 7_200 },
    };
    const guests = { ...agreement, parties: [...agreement.parties, third], terms: [...agreement.terms, term] };
    const pool = { subjects: [person('expert', OTHER), person('colleague', OTHER)] };
    expect(approved({ ...pool, longestWindowSeconds: 7_200 }, twoApprovers, guests)).toBe('allowed');
    expect(approved({ ...pool, longestWindowSeconds: 7_201 }, twoApprovers, guests)).toContain(
      'third_party_not_agreed',
    );
    expect(approved({ ...pool, longestWindowSeconds: 7_200, resources: [press8] }, twoApprovers, guests)).toContain(
      'third_party_not_agreed',
    );
  });
});

const APPROVAL = digest('approval');
const under = (over: Partial<Grant> = {}, approval: Partial<StandingApproval> = {}, by = twoApprovers) => {
  const grant = grantOf({ standingApproval: APPROVAL, ...over });
  const held = { document: approvalOf({ resources: [press7, press8], ...approval }), digest: APPROVAL };
  return codeOf(covered(grant, agreement, grant.requester, by, NOW, held));
};

describe('a grant under a standing approval', () => {
  it('needs nobody else of the owner, and keeps to all that a grant keeps to', () => {
    expect(under()).toBe('allowed');
    expect(under({}, {}, [])).toBe('approvals_missing remote-service');
    expect(under({ ticket: null })).toBe('ticket_missing remote-service');
    const asker = approver('technician', { organisation: VENDOR });
    expect(under({}, {}, [...twoApprovers, asker])).toBe('allowed');
  });

  it.each<[string, Partial<Grant>]>([
    ['agreement', { agreement: digest('version 2') }],
    ['agreement', { agreementId: 'agr_2' as Grant['agreementId'] }],
    ['subjects', { subjects: [person('technician'), person('colleague')] }],
    ['resources', { resources: [press7, { ...press7, id: id('press-9') }] }],
    ['actions', { actions: [id('ssh'), id('vnc')] }],
    ['purpose', { purpose: id('inspection') }],
    ['kind', { kind: 'machine-to-machine' }],
    ['windows', { windows: [{ from: NOW, to: NOW + 4 * HOUR + 1 }] }],
    [
      'windows',
      {
        windows: [
          { from: NOW, to: NOW + HOUR },
          { from: NOW + DAY, to: NOW + DAY + 5 * HOUR },
        ],
      },
    ],
    ['expiry', { windows: [{ from: NOW + 30 * DAY - HOUR, to: NOW + 30 * DAY + 1 }] }],
    ['expiry', { windows: [{ from: NOW - 2 * HOUR, to: NOW + HOUR }] }],
    ['dormant', { dormant: { subjectKeys: [], approverKeys: [], seconds: 60, uses: 1 } }],
    ['recurrence', { recurrence: {} as never }],
  ])('is refused where it is beyond it: %s', (part, over) => expect(under(over)).toBe(`standing_exceeded ${part}`));

  it('names exactly the one that comes along, or none', () => {
    expect(under({ standingApproval: digest('another') })).toBe('standing_dangling standingApproval');
    expect(under({ standingApproval: undefined })).toBe('standing_dangling standingApproval');
    const alone = grantOf({ standingApproval: APPROVAL });
    expect(codeOf(covered(alone, agreement, alone.requester, twoApprovers, NOW))).toContain('standing_dangling');
  });
});

describe('the use of a grant under a standing approval', () => {
  const chain = (approval: Partial<StandingApproval> = {}): VerifiedChain => ({
    ...chainOf(agreement, grantOf({ standingApproval: APPROVAL })),
    standingApproval: { document: approvalOf(approval), digest: APPROVAL },
  });
  const ask = { subject: person('technician'), leaf: key('leaf'), action: id('ssh'), resource: press7, session: null };
  const none = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };
  const decided = (of: VerifiedChain, facts = none, at = NOW) => codeOf(decide(of, ask, facts, at));
  const revoked = (organisation: OrganisationId, target: object) =>
    takenAwayBy(
      [
        {
          act: {
            ...{ typ: 'act', v: 1, verb: 'revoke', organisation, agreementId: agreement.id, target: target as never },
            ...{ reason: '', lifts: null, sequence: 1, previous: null, issuedAt: NOW },
          },
          digest: digest('act'),
          signers: [organisation],
        },
      ],
      { ...chain(), session: null },
      NOW,
    ) !== undefined;

  it('is bounded by it in every part, and ends with it', () => {
    expect(decided(chain())).toBe('allowed');
    expect(decided(chain({ windows: [{ from: NOW - HOUR, to: NOW }] }))).toBe('outside_window');
    expect(decided(chain({ resources: [press8] }))).toBe('outside_grant');
    expect(decided(chain({ actions: [id('vnc')] }))).toBe('outside_grant');
    expect(decided(chain(), { ...none, invalid: new Set(['grt_9']) })).toBe('status_invalid');
  });

  it('is taken away where either side revokes it, or its company one who gave it, and by nobody else', () => {
    expect(revoked(BUYER, { kind: 'grant', id: 'grt_9' })).toBe(true);
    expect(revoked(VENDOR, { kind: 'grant', id: 'grt_9' })).toBe(true);
    expect(revoked(BUYER, { kind: 'person', id: 'second-approver' })).toBe(true);
    expect(revoked(VENDOR, { kind: 'person', id: 'second-approver' })).toBe(false);
    expect(revoked(OTHER, { kind: 'grant', id: 'grt_9' })).toBe(false);
    expect(revoked(BUYER, { kind: 'grant', id: 'grt_8' })).toBe(false);
  });

  it('is counted for all grants under it together, at one gateway with one key', () => {
    const rights = [approvalOf(), grantOf()];
    expect(usedUp(rights, (right) => (right === 'grt_9' ? 1 : 5))).toBeUndefined();
    expect(usedUp(rights, (right) => (right === 'grt_9' ? 2 : 0))).toBe('grt_9');
    const here = { id: id('plant'), key: key('of the plant') };
    expect(countedElsewhere(chain(), here)).toBe(false);
    expect(countedElsewhere(chain(), { ...here, id: id('other') })).toBe(true);
    expect(countedElsewhere(chain(), { ...here, key: key('restored') })).toBe(true);
    expect(countedElsewhere(chainOf(), { ...here, id: id('other') })).toBe(false);
  });
});
