import { readFileSync } from 'node:fs';
import { decide } from '@interlock/domain';
import { type Pins, trust, verifyAct, verifyChain } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import { type RightQuestion, type RightVectors, rightVectors } from './right-vectors.js';
import type { Change } from './vector.js';

const FILE = new URL('rights.json', import.meta.url);
const kept = JSON.parse(readFileSync(FILE, 'utf8')) as RightVectors;

/** JSON Patch as far as the vectors use it. */
function changed(question: RightQuestion, changes: readonly Change[]): RightQuestion {
  const copy = structuredClone(question) as unknown as Record<string, unknown>;
  for (const { op, path, value } of changes) {
    const names = path.split('/').slice(1);
    const last = names.pop() ?? '';
    const at = names.reduce((inside, name) => inside[name] as Record<string, unknown>, copy);
    if (op === 'remove') delete at[last];
    else at[last] = value;
  }
  return copy as unknown as RightQuestion;
}

/** What a reader of the vectors does, in the order of trust model 6. */
async function answerTo({ pins: given, self }: RightVectors, asked: RightQuestion): Promise<string> {
  const pins = new Map(Object.entries(given)) as unknown as Pins;
  const chain = await verifyChain(asked.chain, pins, self, { loginProof: asked.loginProof }, asked.at);
  if (!chain.allowed) return chain.refusal.code;
  const ring = await trust(asked.chain.entities, asked.chain.certificates, pins, asked.at);
  if (!ring.allowed) return ring.refusal.code;
  const heard = asked.acts.map((act) => verifyAct(act, ring.value, asked.chain.agreement.document, asked.at));
  const acts = (await Promise.all(heard)).flatMap((act) => (act.allowed ? [act.value] : []));
  const ask = { ...asked, session: null };
  const said = { acts, verdicts: [], annexes: [], invalid: new Set<string>() };
  const decision = decide(chain.value, ask, said, asked.at);
  return decision.allowed ? 'allow' : decision.refusal.code;
}

describe('the vectors of rights', () => {
  it.each(kept.vectors.map((one) => [one.name, one] as const))('%s', async (_name, { changes, answer }) => {
    expect(await answerTo(kept, changed(kept.question, changes))).toBe(answer);
  });

  it('are those that are made today, signed by other keys', async () => {
    const today = await rightVectors();
    const named = (all: RightVectors) => all.vectors.map(({ name, answer }) => [name, answer]);
    expect(named(kept)).toEqual(named(today));
    for (const { name, changes, answer } of today.vectors)
      expect([name, await answerTo(today, changed(today.question, changes))]).toEqual([name, answer]);
  });

  it('hold no private key', () => {
    expect(readFileSync(FILE, 'utf8')).not.toMatch(/"d":|PRIVATE/);
  });
});
