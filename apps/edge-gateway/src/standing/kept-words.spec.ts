import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgreementId, LocalId, Verdict } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, aKeeper, beatOf, type Kept, provisionedFor, quiet, standingOf } from '../../test/two-sides.js';
import { keptWords, MOST_WORDS } from './kept-words.js';

let right: Right;
let folder: ReturnType<typeof aFolder>;
let kept: Kept;
beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(() => {
  folder = aFolder();
  kept = aKeeper(provisionedFor(right), folder.path);
});
afterEach(() => folder[Symbol.dispose]());

const held = () => kept.keeper.agreements.get(right.agreement.id);
const file = () => join(folder.path, 'words.ndjson');

/** The vendor's own decision point, by a key that its company certified for it. */
async function verdictOf(outcome: Verdict['outcome'], issuedAt: number) {
  const point = await right.who.vendor.holder('person', 'decision-point', ['decide']);
  const document: Verdict = {
    ...{ typ: 'verdict', v: 1, kind: 'decide', organisation: VENDOR, grant: digestOf(right.grant), outcome },
    ...{ snapshot: digestOf({ issuedAt }), issuedAt, expiresAt: issuedAt + 600_000 },
  };
  return { verdict: await signed(document, point.signer, issuedAt), certificate: point.certificate };
}

/** The gateway starts again with the broker dead: by the standing that is on its disk, which is older than what was said since. */
async function restart(standing: ReturnType<typeof standingOf>): Promise<void> {
  kept = aKeeper(provisionedFor(right), folder.path);
  await kept.keeper.takeStanding(standing);
}

describe('what was said since the standing on the disk', () => {
  it('a no of a decision point stays no over a restart, and a yes that somebody kept back does not take its place', async () => {
    const now = Date.now();
    const said = {
      clear: await verdictOf('clear', now - 3_000),
      no: await verdictOf('blocked', now - 2_000),
      heldBack: await verdictOf('clear', now - 1_500),
      again: await verdictOf('blocked', now - 1_000),
    };
    const certificates = [...right.chain.certificates, ...Object.values(said).map((one) => one.certificate)];
    const standing = standingOf(right, { certificates, verdicts: [said.clear.verdict] });
    await kept.keeper.takeStanding(standing);
    for (const { verdict } of [said.no, said.again]) await kept.keeper.onFrame({ t: 'verdict', verdict });
    const outcomes = () => [...(held()?.verdicts.values() ?? [])].map(({ outcome }) => outcome);
    expect(outcomes()).toEqual(['blocked']);
    await restart(standing);
    await kept.keeper.onFrame({ t: 'verdict', verdict: said.heldBack.verdict });
    expect(outcomes()).toEqual(['blocked']);
    const later = await verdictOf('clear', now);
    await restart({ ...standing, certificates: [...certificates, later.certificate] });
    await kept.keeper.onFrame({ t: 'verdict', verdict: later.verdict });
    expect(outcomes()).toEqual(['clear']);
    await restart(standing);
    expect(outcomes()).toEqual(['clear']);
  });

  it('an id that a list called invalid stays so, though its beat names an act that was kept back', async () => {
    const standing = standingOf(right);
    await kept.keeper.takeStanding(standing);
    const { buyer, buyerAgent } = right.who;
    const act = { target: { kind: 'grant', id: right.grant.id } } as Parameters<typeof beatOf>[4] extends
      | readonly (infer A)[]
      | undefined
      ? A
      : never;
    const frame = await beatOf(right, buyer, buyerAgent, kept.keeper.nonceFor(right.agreement.id) ?? '', [act]);
    const changes = kept.changes.length;
    expect(await kept.keeper.takeBeat(frame)).toMatchObject({ refusal: { code: 'not_what_is_held' } });
    // Whoever uses it is looked at now, and not when the next look comes.
    expect(kept.changes.length).toBeGreaterThan(changes);
    await restart(standing);
    expect([...(held()?.invalid ?? [])]).toEqual([right.grant.id]);
  });

  it('a writer whose epoch was over before the restart is over after it', async () => {
    const standing = standingOf(right);
    await kept.keeper.takeStanding(standing);
    const words = keptWords(folder.path, quiet);
    words.epoch(right.agreement.id, BUYER, 2);
    words.settle();
    await restart(standing);
    const nonce = kept.keeper.nonceFor(right.agreement.id) ?? '';
    const { buyer, buyerAgent } = right.who;
    expect(await kept.keeper.takeBeat(await beatOf(right, buyer, buyerAgent, nonce))).toMatchObject({
      refusal: { code: 'epoch_over' },
    });
  });
});

describe('the words on the disk', () => {
  const agreement = 'agr_00000000000000000000000000' as AgreementId;
  const ids = (words = keptWords(folder.path, quiet)) => words.of(agreement).invalid.map(({ id }) => id);

  it('lose to a power cut the one that was being written, and are nobody else’s', () => {
    const words = keptWords(folder.path, quiet);
    words.invalid(agreement, BUYER, 'one');
    words.settle();
    appendFileSync(file(), '{"agreement":"agr_0000');
    const after = keptWords(folder.path, quiet);
    after.invalid(agreement, VENDOR, 'one');
    after.settle();
    expect(ids()).toEqual(['one', 'one']);
    expect(keptWords(folder.path, quiet).of(right.agreement.id).invalid).toEqual([]);
  });

  it('are bounded for each party, and one that says the same again and again fills no disk', () => {
    const words = keptWords(folder.path, quiet);
    for (let at = 0; at < MOST_WORDS + 5; at++) words.invalid(agreement, VENDOR, `grant-${at}`);
    words.invalid(agreement, BUYER, 'still heard');
    for (let epoch = 1; epoch < 3_000; epoch++) {
      words.epoch(agreement, BUYER, epoch);
      if (epoch % 500 === 0) words.settle();
    }
    words.settle();
    const all = ids();
    expect(all).toHaveLength(MOST_WORDS + 1);
    expect(all).toContain('still heard');
    expect(keptWords(folder.path, quiet).of(agreement).epochs).toEqual([{ organisation: BUYER, epoch: 2_999 }]);
    expect(readFileSync(file(), 'utf8').split('\n').filter(Boolean).length).toBeLessThan(MOST_WORDS + 1_600);
  });

  it('hold in memory where the disk takes none, and are on it as soon as it takes any', () => {
    const words = keptWords(folder.path, quiet);
    mkdirSync(file());
    words.invalid(agreement, BUYER, 'press-7' as LocalId);
    words.settle();
    expect(ids(words)).toEqual(['press-7']);
    rmSync(file(), { recursive: true });
    words.settle();
    expect(ids(keptWords(folder.path, quiet))).toEqual(['press-7']);
  });
});
