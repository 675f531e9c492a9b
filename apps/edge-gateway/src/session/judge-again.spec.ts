import type { Agreement, Instant, Term } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { clockAt, id, offerOf, press7, type Situation, sceneOf } from '../../test/at-the-gateway.js';
import { access } from '../../test/terms/honest-terms.js';
import type { Offer } from './admit-session.js';
import { judgeAgain } from './judge-again.js';

const relied: Partial<Agreement> = { resources: [{ ...press7, class: 'safety', services: [id('ssh')] }] };
const terms: Term[] = [access('machine-to-machine') as Term, { type: 'safety-notice', seconds: 300 }];
const HOUR = 3_600_000;

/** A session of a machine, of which this gateway says that it was begun; no side has been heard of since the start. */
async function takenUp(
  { begunAt = 1, ...situation }: Omit<Situation, 'begunAt'> & { begunAt?: Instant | null } = {},
  over: Partial<Offer> = {},
  more: { locked?: boolean; after?: number; relays?: Offer['relay'][] } = {},
) {
  const scene = await sceneOf('machine-to-machine', {
    agreement: relied,
    terms,
    silent: [BUYER, VENDOR],
    ...situation,
  });
  const offer = await offerOf(scene.right, id('ssh'));
  const document = { ...scene.self.document, ...(more.relays && { relays: more.relays }) };
  const judged = await judgeAgain(
    { ...offer, ...over },
    {
      ...{ self: { ...scene.self, document }, held: scene.held, locked: more.locked ?? false },
      clock: clockAt(more.after ?? 0),
      working: { begunAt: () => begunAt ?? undefined },
    },
  );
  return judged.allowed ? 'holds' : judged.refusal.code;
}

describe('a session on which safety rests', () => {
  it('is taken up again by the disk alone, where it was open before in this window', async () => {
    expect(await takenUp()).toBe('holds');
    expect(await takenUp({ begunAt: null })).toBe('lease_over');
  });

  it('is one that the agreement names so, of a machine, and no other', async () => {
    expect(await takenUp({ agreement: {} })).toBe('lease_over');
    // Nor while both sides are heard of: what may wait for a broker waits for one.
    expect(await takenUp({ agreement: {}, silent: [] })).toBe('lease_over');
    expect(await takenUp({}, { loginProof: 'a login' })).toBe('lease_over');
  });

  it('is of the key that the certificate names, over a relay of its own company’s list, inside its window', async () => {
    const leaf = thumbprintOf(publicJwkOf(newPrivateKey()));
    expect(await takenUp({}, { leaf })).toBe('subject_unknown');
    expect(await takenUp({}, { subject: { organisation: VENDOR, kind: 'workload', id: id('another') } })).not.toBe(
      'holds',
    );
    for (const relays of [[], [{ host: 'relay-of-others.example', port: 443 }]])
      expect(await takenUp({}, {}, { relays })).toBe('not_on_provisioning_list');
    expect(await takenUp({}, {}, { after: 48 * HOUR })).not.toBe('holds');
  });

  it('is ended by its owner and by the plant’s switch at once', async () => {
    expect(await takenUp({ acts: [{ issuedAt: NOW }] })).toBe('taken_away');
    expect(await takenUp({}, {}, { locked: true })).toBe('lockout');
  });
});
