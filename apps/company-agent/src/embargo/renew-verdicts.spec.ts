import { layEmbargoLists, readCompany } from '@interlock/company-side';
import type { EmbargoSnapshot, LocalId, Verdict } from '@interlock/domain';
import { digestOf, trust, verifyVerdict } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { approvedGrant, askedGrant, until, VENDOR, type World, world } from '../../test/world.js';

const EU = 'eu' as LocalId;
jest.setTimeout(60_000);

let w: World;
beforeAll(async () => {
  const term = { type: 'embargo' as const, party: VENDOR, issuers: [EU], maxAgeSeconds: 3_600 };
  w = await world((agreement) => ({ ...agreement, terms: [...agreement.terms, term] }));
});
afterAll(() => w?.close());

const snapshot = (over: Partial<EmbargoSnapshot> = {}): EmbargoSnapshot => ({
  issuers: [EU],
  takenAt: Date.now() - 1_000,
  jurisdictions: { known: ['AT', 'NL', 'DE'], blocked: [] },
  organisations: [],
  ...over,
});
const lay = (lists: EmbargoSnapshot) => layEmbargoLists(w.vendor.dir, lists);
const outcomes = (grant: unknown): Verdict['outcome'][] =>
  w.broker.verdicts
    .filter(({ document }) => document.grant === digestOf(grant))
    .map(({ document }) => document.outcome);
const nudge = (id: string) => w.broker.send(VENDOR, { t: 'inbox', kind: 'grant', id });

describe('embargo verdicts', () => {
  it('are not given without lists, are given with them, and change with them at once', async () => {
    const { document } = await approvedGrant(w);
    const unapproved = await askedGrant(w);
    w.broker.grants.set(unapproved.document.id, { signed: unapproved, status: 'asked' });
    lay(snapshot({ issuers: [] }));
    nudge(document.id);
    lay(snapshot());
    await until(() => {
      nudge(document.id);
      return outcomes(document).includes('clear') && outcomes(unapproved.document).includes('clear');
    });
    expect(outcomes(document)).toEqual(['clear']);
    const { entities, certificates, pins } = readCompany(w.vendor.dir);
    const ring = await trust(entities, certificates, pins, Date.now());
    if (!ring.allowed) throw new Error(ring.refusal.code);
    expect(await verifyVerdict(w.broker.verdicts[0], ring.value, Date.now())).toMatchObject({ allowed: true });
    lay(snapshot({ jurisdictions: { known: ['AT', 'NL', 'DE'], blocked: ['NL'] } }));
    await until(() => {
      nudge(document.id);
      return outcomes(document).includes('blocked');
    });
    lay(snapshot({ jurisdictions: { known: ['AT', 'DE'], blocked: [] } }));
    await until(() => {
      nudge(document.id);
      return outcomes(document).length === 3;
    });
    expect(outcomes(document)).toEqual(['clear', 'blocked', 'blocked']);
  });
});
