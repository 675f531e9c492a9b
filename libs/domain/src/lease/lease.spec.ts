import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterBeat, type BeatArrival, leaseEnd, NO_LEASE } from './lease.js';

const LEASE = 1_000;
const beat = (nonceSentAt: number | undefined, issuedAt: number, arrivedAt: number): BeatArrival => ({
  nonceSentAt,
  issuedAt,
  arrivedAt,
});
const anchors = (...beats: BeatArrival[]) => beats.reduce(afterBeat, NO_LEASE).anchor;

describe('a lease', () => {
  it('does not exist before a beat has answered a nonce of this boot', () => {
    expect(leaseEnd(NO_LEASE, LEASE)).toBe(Number.NEGATIVE_INFINITY);
    expect(anchors(beat(undefined, 5_000, 100))).toBeNull();
    expect(anchors(beat(undefined, 5_000, 100), beat(undefined, 6_000, 200))).toBeNull();
  });

  it('runs from the instant the nonce was sent, not from the arrival and not from what the beat says', () => {
    expect(anchors(beat(100, 5_000, 900))).toBe(100);
    expect(leaseEnd(afterBeat(NO_LEASE, beat(100, 9_999_999, 900)), LEASE)).toBe(1_100);
    expect(leaseEnd(afterBeat(NO_LEASE, beat(0, 0, 900)), LEASE)).toBe(1_000);
  });

  it('never falls back: an older answer that comes later changes nothing', () => {
    expect(anchors(beat(500, 5_500, 600), beat(100, 5_100, 700))).toBe(500);
  });

  it('is moved by an unsolicited beat at most by the difference of the two times of issue, and never past now', () => {
    expect(anchors(beat(100, 5_000, 200), beat(undefined, 5_300, 900))).toBe(400);
    expect(anchors(beat(100, 5_000, 200), beat(undefined, 9_000, 900))).toBe(900);
    expect(anchors(beat(100, 5_000, 200), beat(undefined, 5_000, 900))).toBe(100);
    expect(anchors(beat(100, 5_000, 200), beat(undefined, 4_000, 900))).toBe(100);
    // The one difference is used up once, however often the beat is played.
    const again = beat(undefined, 5_300, 5_000);
    expect(anchors(beat(100, 5_000, 200), again, again, again)).toBe(400);
    // An older answer in between does not make the difference larger.
    expect(anchors(beat(100, 5_000, 200), beat(90, 4_000, 210), beat(undefined, 5_300, 900))).toBe(400);
  });
});

interface World {
  readonly nonces: readonly number[];
  /** When the agent answers which nonce (undefined: unasked), by true time. */
  readonly answers: readonly { readonly nonce: number | undefined; readonly at: number }[];
  readonly revokedAt: number;
  readonly deliveries: readonly { readonly beat: number; readonly after: number }[];
}

const time = fc.integer({ min: 0, max: 10_000 });
const world: fc.Arbitrary<World> = fc.record({
  nonces: fc.array(time, { minLength: 1, maxLength: 6 }),
  answers: fc.array(fc.record({ nonce: fc.option(fc.nat(5), { nil: undefined }), at: time }), {
    minLength: 1,
    maxLength: 8,
  }),
  revokedAt: time,
  deliveries: fc.array(fc.record({ beat: fc.nat(7), after: fc.integer({ min: 0, max: 5_000 }) }), { maxLength: 20 }),
});

/**
 * The model `lease.pml`, played at random: an agent answers until it revokes; the broker delivers any beat it has at any later time, again and
 * again. Whatever it does, no session lives longer than one lease after the revocation.
 */
describe('against a broker that hoards, repeats, reorders and withholds', () => {
  const CLOCK = 1_700_000_000_000;
  const run = ({ nonces, answers, revokedAt, deliveries }: World): number => {
    const honest = answers.filter(
      ({ nonce, at }) => at <= revokedAt && (nonce === undefined || (nonces[nonce] ?? Number.POSITIVE_INFINITY) <= at),
    );
    let [lease, now] = [NO_LEASE, 0];
    for (const { beat: which, after } of deliveries) {
      const played = honest[which];
      if (!played) continue;
      now = Math.max(now, played.at) + after;
      const sentAt = played.nonce === undefined ? undefined : nonces[played.nonce];
      lease = afterBeat(lease, beat(sentAt, CLOCK + played.at, now));
    }
    return leaseEnd(lease, LEASE);
  };

  it('nothing lives beyond the revocation and one lease (property)', () => {
    fc.assert(
      fc.property(world, (some) => {
        expect(run(some)).toBeLessThanOrEqual(some.revokedAt + LEASE);
      }),
      { numRuns: 8_000 },
    );
  });

  it('and never beyond what the newest honest answer allows, by a naive oracle (property)', () => {
    fc.assert(
      fc.property(world, (some) => {
        const said = some.answers.filter(({ at }) => at <= some.revokedAt).map(({ at }) => at);
        const end = run(some);
        expect(end === Number.NEGATIVE_INFINITY || end <= Math.max(...said) + LEASE).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
