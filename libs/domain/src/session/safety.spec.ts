import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  chainOf,
  DAY,
  dataCollection,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  key,
  NOW,
  narrowed,
  offline,
  press7,
  region,
  VENDOR,
  verdictOf,
} from '../../test/a-right.js';
import { activate } from '../agreement/activate.js';
import { safetyNotice } from '../agreement/safety.js';
import { type Circumstances, decide } from '../decide.js';
import type { Agreement, Term } from '../documents/agreement.js';
import { NO_LEASE } from '../lease/lease.js';
import { compareVersions } from '../term/order.js';
import { endOf, offlineMode } from './ends.js';

const NOTICE = 3_600;
const notice: Term = { type: 'safety-notice', seconds: NOTICE };
const safe = { ...press7, class: 'safety' as const, services: [id('ssh')] };
const relied = (...terms: readonly object[]): Agreement =>
  agreementOf({ resources: [safe], terms: [dataCollection, region, notice, ...(terms as Term[])] });
const grant = grantOf({ kind: 'data-collection', actions: [id('telemetry')], ticket: null });
const chain = (agreement = relied()) => ({ ...chainOf(agreement, grant) });
const ask = { subject: chain().subject, leaf: key('leaf'), action: id('telemetry'), resource: press7, session: null };
const none: Circumstances = { acts: [], verdicts: [], annexes: [], invalid: new Set() };
const judge = (facts: Partial<Circumstances>, now = NOW, of = chain()) => {
  const decision = decide(of, ask, { ...none, resumed: true, ...facts }, now);
  return decision.allowed ? 'goes on' : decision.refusal.code;
};
const late = NOW + NOTICE * 1000;

describe('what safety rests on', () => {
  it('is ended at once by the owner alone, and by the other side when its notice is over', () => {
    const own = held();
    const others = { ...held({ organisation: VENDOR, verb: 'suspend', target: agreementTarget() }), heldSince: NOW };
    expect(judge({ acts: [own] })).toBe('taken_away');
    expect(judge({ acts: [others] })).toBe('goes on');
    expect([judge({ acts: [others] }, late - 1), judge({ acts: [others] }, late, far())]).toEqual([
      'goes on',
      'taken_away',
    ]);
    // Nothing new is opened under a right that one side has taken away.
    expect(judge({ acts: [others], resumed: false })).toBe('taken_away');
  });

  it('is ended by more acts than are held as by a cut: those of the owner at once, the other side’s when its notice is over', () => {
    const beyond = (organisation: typeof BUYER) => ({ beyond: [{ organisation, since: NOW }] });
    expect([judge(beyond(BUYER)), judge(beyond(VENDOR)), judge(beyond(VENDOR), late, far())]).toEqual([
      'beyond_bounds',
      'goes on',
      'beyond_bounds',
    ]);
    expect(judge({ ...beyond(VENDOR), resumed: false })).toBe('beyond_bounds');
  });

  it('counts a notice from when the cut came, whatever its signer wrote as its time', () => {
    const backdated = held({ organisation: VENDOR, target: { kind: 'grant', id: grant.id }, issuedAt: NOW - DAY });
    expect(judge({ acts: [{ ...backdated, heldSince: NOW }] })).toBe('goes on');
    expect(judge({ acts: [backdated] })).toBe('taken_away');
  });

  it('is not reached at once by another way of the other side: status list, root, verdict, narrowing', () => {
    const invalid = new Set<string>([grant.id]);
    const said = (organisation = VENDOR) => new Map([[grant.id as string, [{ organisation, since: NOW }]]]);
    expect(judge({ invalid, invalidSince: said() })).toBe('goes on');
    expect(judge({ invalid, invalidSince: said(BUYER) })).toBe('status_invalid');
    expect(judge({ invalid, invalidSince: said() }, late, far())).toBe('status_invalid');
    expect(judge({ invalid })).toBe('status_invalid');
    const root = (of: typeof VENDOR) => ({ revoked: new Set([of]), revokedSince: new Map([[of, NOW]]) });
    expect(judge(root(VENDOR))).toBe('goes on');
    expect(judge(root(BUYER))).toBe('organisation_revoked');
    expect(judge(root(VENDOR), late, far())).toBe('organisation_revoked');
    expect(judge({ revoked: new Set([VENDOR]) })).toBe('organisation_revoked');
    const struck = { strike: { clauses: ['data-collection telemetry delta-foods.example/press-7'] } };
    const clause = (organisation: typeof VENDOR) => narrowed({ ...struck, organisation, issuedAt: NOW });
    const away = (organisation: typeof VENDOR) => judge({ acts: [{ ...clause(organisation), heldSince: NOW }] });
    expect(away(VENDOR)).toBe('goes on');
  });

  it('needs what was once said, and no word that it is still so', () => {
    const listed = { type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 60 };
    const of = (party = BUYER) => far(relied({ ...listed, party }));
    const clear = verdictOf({ issuedAt: NOW - DAY, expiresAt: NOW - HOUR });
    expect(judge({ verdicts: [] }, NOW, of())).toBe('embargo_unknown');
    expect(judge({ verdicts: [clear] }, NOW, of())).toBe('goes on');
    expect(judge({ verdicts: [clear], resumed: false }, NOW, of())).toBe('embargo_unknown');
    const blocked = { ...clear, issuedAt: NOW, outcome: 'blocked' as const };
    expect(judge({ verdicts: [clear, blocked] }, NOW, of())).toBe('embargo_blocked');
    const before = { ...blocked, issuedAt: NOW - 2 * DAY };
    expect(judge({ verdicts: [before, clear] }, NOW, of())).toBe('goes on');
    const theirs = { ...blocked, organisation: VENDOR, blockedSince: NOW };
    expect(judge({ verdicts: [theirs] }, NOW, of(VENDOR))).toBe('goes on');
    expect(judge({ verdicts: [theirs] }, late, of(VENDOR))).toBe('embargo_blocked');
  });

  it('is ended by no lease and by no loss of the broker, once it was opened', () => {
    const use = { agreement: relied(), grant, resource: press7, windowEnd: 100, agreementEnd: 200 };
    expect(endOf(use, [NO_LEASE, NO_LEASE])).toMatchObject({ code: 'lease_over' });
    expect(endOf({ ...use, resumed: true }, [NO_LEASE, NO_LEASE])).toEqual({ at: 100, code: 'window_over' });
    expect(endOf({ ...use, resumed: true }, [])).toEqual({ at: 100, code: 'window_over' });
    expect(offlineMode(relied(), grant, press7)).toBe('static');
    const ordinary = { ...use, agreement: agreementOf(), resumed: true };
    expect(endOf(ordinary, [NO_LEASE])).toMatchObject({ code: 'lease_over' });
  });

  it('is a flow or a machine of that class by its own name, and no person', () => {
    expect(safetyNotice(relied(), 'machine-to-machine', press7)).toBe(NOTICE * 1000);
    expect(safetyNotice(relied(), 'remote-service', press7)).toBeUndefined();
    expect(safetyNotice(relied(), 'data-collection', { owner: BUYER, id: id('press-8') })).toBeUndefined();
    expect(safetyNotice(agreementOf({ terms: [notice] }), 'data-collection', press7)).toBeUndefined();
  });
});

describe('an agreement on which safety rests', () => {
  const at = (agreement: Agreement) => {
    const active = activate(agreement, NOW);
    return active.allowed ? 'coherent' : `${active.refusal.code} ${active.refusal.clause}`;
  };
  const flow = { ...offline, kind: 'data-collection', class: 'safety' };
  const signal = {
    type: 'signal',
    signal: id('presence'),
    party: BUYER,
    about: 'resource',
    kinds: ['data-collection'],
    resources: [] as object[],
    maxAgeSeconds: 60,
    live: true,
  };

  it('says the notice, and no lease and no signal that could end it', () => {
    expect(at(relied())).toBe('coherent');
    expect(at(agreementOf({ resources: [safe] }))).toBe('agreement_incoherent safety-notice');
    expect(at(relied(flow))).toBe('agreement_incoherent offline');
    expect(at(relied({ ...flow, kind: 'remote-service' }))).toBe('coherent');
    expect(at(relied(signal))).toBe('agreement_incoherent signal');
    expect(at(relied({ ...signal, resources: [press7] }))).toBe('agreement_incoherent signal');
    expect(at(relied({ ...signal, kinds: ['remote-service'] }))).toBe('coherent');
  });

  it('changes its notice by both signatures alone', () => {
    const effect = (before: Agreement, after: Agreement) => compareVersions(before, after).map((one) => one.effect);
    const shorter = agreementOf({ ...relied(), terms: [dataCollection, region, { ...notice, seconds: 60 } as Term] });
    expect(effect(relied(), shorter)).toEqual(['both']);
    expect(effect(shorter, relied())).toEqual(['both']);
    expect(effect(agreementOf(), agreementOf({ terms: [...agreementOf().terms, notice] }))).toEqual(['both']);
  });
});

const agreementTarget = () => ({ kind: 'agreement' as const, id: agreementOf().id });
/** The same with a window that is open when the notice ends. */
function far(agreement = relied()) {
  const windows = [{ from: NOW - HOUR, to: NOW + 12 * HOUR }];
  return { ...chainOf(agreement, { ...grant, windows }), agreementDigest: digest('agreement') };
}
