import type { Agreement, AgreementId, ProgramReport, Signal, Signed, Term } from '@interlock/domain';
import { keySigner, newPrivateKey, signed, verifySignal } from '@interlock/proof';
import { aRight, BUYER, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id } from '../../test/at-the-gateway.js';
import { aFolder, aKeeper, provisionedFor, quiet, standingOf } from '../../test/two-sides.js';
import { programReport } from '../program-report.js';
import { sayProgram } from './say-program.js';

const program: ProgramReport = { ...programReport(), digest: 'a'.repeat(64) };

async function aGateway(folder: string, terms: readonly Term[] = []) {
  const right = await aRight({}, Date.now());
  const { keeper, clock } = aKeeper(provisionedFor(right), folder);
  expect(await keeper.takeStanding(standingOf(right))).toMatchObject({ allowed: true });
  const held = keeper.agreements.get(right.agreement.id);
  if (!held) throw new Error('nothing is held');
  const agreement: Agreement = { ...held.agreement, terms: [...held.agreement.terms, ...terms] };
  const agreements = new Map([[right.agreement.id, { ...held, agreement }]]);
  const told: { agreement: AgreementId; signal: Signed<Signal> }[] = [];
  const broker = { takes: true };
  const tell = async (of: AgreementId, signal: Signed<Signal>) => {
    told.push({ agreement: of, signal });
    return broker.takes;
  };
  const self = provisionedFor(right);
  return {
    right,
    held,
    ...{ told, broker },
    say: sayProgram({ self, clock, log: quiet, program, keeper: { agreements }, tell }),
    agreements,
  };
}

describe('what a gateway says of its program', () => {
  it('is told again to a broker that did not take it, and holds here all the while', async () => {
    using folder = aFolder();
    const { held, broker, say, told } = await aGateway(folder.path);
    broker.takes = false;
    await say();
    expect(held.signals.size).toBe(1);
    broker.takes = true;
    await say();
    await say();
    expect(told).toHaveLength(2);
  });

  it('is said once of an agreement that is held anew, and again and again where a term waits for it', async () => {
    using folder = aFolder();
    const { right, held, say, told, agreements } = await aGateway(folder.path);
    await say(right.agreement.id);
    await say(right.agreement.id);
    await say();
    expect(told.map(({ agreement }) => agreement)).toEqual([right.agreement.id]);
    expect([...held.signals.values()]).toMatchObject([{ about: { kind: 'gateway' }, program }]);
    const waits = {
      ...{ type: 'signal', signal: id('program'), party: BUYER, about: 'gateway', kinds: ['remote-service'] },
      ...{ resources: [], maxAgeSeconds: 300, live: true },
    } as const;
    const agreement = { ...held.agreement, terms: [...held.agreement.terms, waits] };
    agreements.set(right.agreement.id, { ...held, agreement });
    await say();
    expect(told).toHaveLength(2);
  });

  it('holds for the partner by that gateway’s own key alone, unaltered and not of the future', async () => {
    using folder = aFolder();
    const { right, held, say, told } = await aGateway(folder.path);
    await say();
    const [{ signal } = { signal: undefined }] = told;
    if (!signal) throw new Error('nothing was told');
    const now = signal.document.at;
    const codeOf = async (input: unknown, at = now) => {
      const verified = await verifySignal(input, held.ring, at);
      return verified.allowed ? 'holds' : verified.refusal.code;
    };
    expect(await codeOf(signal)).toBe('holds');
    const { document } = signal;
    const under = (over: Partial<Signal>, signer = right.who.gateway.signer) =>
      signed({ ...document, ...over }, signer, now);
    const newer = { ...program, digest: 'b'.repeat(64) };
    expect(await codeOf({ ...signal, document: { ...document, program: newer } })).toBe('bad_signature');
    // Its own key says nothing of another gateway, and no other key of its company anything of it.
    expect(await codeOf(await under({ about: { kind: 'gateway', id: id('other-gateway') } }))).toBe('wrong_issuer');
    expect(await codeOf(await under({}, keySigner(BUYER, newPrivateKey())))).toBe('unknown_key');
    expect(await codeOf(await under({}, right.who.buyerAgent.signer))).toBe('wrong_purpose');
    expect(await codeOf(await under({ organisation: VENDOR }))).toBe('wrong_issuer');
    expect(await codeOf(await under({ organisation: VENDOR }, right.who.vendorAgent.signer))).toBe('wrong_purpose');
    // Nor of anything else but its program.
    expect(await codeOf(await under({ about: { kind: 'resource', id: id('press-7') } }))).toBe('malformed');
    const { program: _left, ...bare } = document;
    expect(await codeOf(await signed(bare, right.who.gateway.signer, now))).toBe('malformed');
    const presence = { ...bare, signal: id('presence'), about: { kind: 'resource', id: id('press-7') } } as const;
    expect(await codeOf(await signed(presence, right.who.gateway.signer, now))).toBe('wrong_purpose');
    expect(await codeOf(await under({ signal: id('presence') }))).toBe('malformed');
    expect(await codeOf(await under({ at: now + 61_000 }))).toBe('from_the_future');
  });
});
