import { dataTerm } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, NEW, press7, type Situation, sceneOf } from '../test/at-the-gateway.js';
import { flowLease, telemetry } from '../test/terms/honest-terms.js';
import { revocationOf } from '../test/two-sides.js';
import { flowStillAllowed, judgeFlow } from './flow/judge-flow.js';
import { takeAct } from './standing/held-agreement.js';

const DAY = 86_400_000;
const control = id('iec-62443-3-3/sr-1.1');
const head = { v: 1 as const, agreementId: 'agr_0123456789abcdefghjkmnpqrs' as never, issuedAt: NOW - DAY };
const attestation: NonNullable<Situation['annexes']>[number] = {
  ...{ typ: 'attestation', ...head, organisation: VENDOR, control, statement: 'encrypted, and read by two persons' },
  ...{ evidence: [{ title: 'report', digest: digestOf('report') }], validFrom: NOW - DAY, validUntil: NOW + DAY },
};
const acceptance: NonNullable<Situation['annexes']>[number] = {
  ...{ typ: 'acceptance', ...head, organisation: BUYER, attestation: digestOf(attestation), validUntil: NOW + DAY },
};
const recipe = { key: 'recipe', unit: null, category: id('process'), action: 'pass' as const, step: null };
const product = { ...telemetry, keys: [{ ...recipe, secret: { recipients: [VENDOR], control } }] };

/** What leaves of the marked key by a flow of the product, and how the flow can be judged again. */
async function flowOf(annexes: NonNullable<Situation['annexes']>) {
  const { self, clock, held, right, watch } = await sceneOf('data-collection', {
    terms: [product, flowLease],
    annexes,
  });
  const by = { self, clock, watch, lockout: { isSet: () => false }, online: () => true, working: NEW };
  const judge = async () => {
    const judged = await judgeFlow(by, held, right.chain.grant);
    if (!judged.allowed) throw new Error(judged.refusal.code);
    const [key] = dataTerm(judged.value.reading, id('press-telemetry'), press7)?.keys ?? [];
    return { judged: judged.value, action: key?.action, byTerm: judged.value.term.keys[0]?.action };
  };
  return { by, held, right, judge };
}

describe('at the gateway, a key that is marked as a trade secret', () => {
  it('leaves where the recipient attested the named control and the owner accepted it', async () => {
    const { judge } = await flowOf([attestation, acceptance]);
    expect(await judge()).toMatchObject({ action: 'pass', byTerm: 'pass' });
  });

  it('stays where nobody accepted it', async () => {
    const { judge } = await flowOf([attestation]);
    expect(await judge()).toMatchObject({ action: 'drop', byTerm: 'drop' });
  });

  it('stays from the next batch on when the acceptance is withdrawn', async () => {
    const { by, held, right, judge } = await flowOf([attestation, acceptance]);
    const { judged } = await judge();
    expect(flowStillAllowed(by, judged, held)).toMatchObject({ allowed: true });
    const target = { kind: 'annex', id: digestOf(acceptance) } as const;
    const { document } = await revocationOf(right, { target, issuedAt: NOW });
    expect(await takeAct(held, await signed(document, right.who.buyerAgent.signer, NOW), NOW)).toMatchObject({
      allowed: true,
    });
    expect(flowStillAllowed(by, judged, held)).toMatchObject({ refusal: { code: 'narrowed' } });
    expect(await judge()).toMatchObject({ action: 'drop', byTerm: 'drop' });
  });
});
