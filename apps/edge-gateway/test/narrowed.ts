import type { Decision, Narrowing } from '@interlock/domain';
import { signed } from '@interlock/proof';
import { NOW } from '@interlock/testkit/builders';
import { flowStillAllowed, judgeFlow } from '../src/flow/judge-flow.js';
import { admitSession, stillAllowed } from '../src/session/admit-session.js';
import { takeAct } from '../src/standing/held-agreement.js';
import { clockAt, id, NEW, offerOf, type Scene, sceneOf } from './at-the-gateway.js';
import { revocationOf } from './two-sides.js';

/** What becomes of a session that opened honestly when the buyer then narrows the agreement so. */
export async function sessionWhenNarrowed(parts: Parts): Promise<Decision<unknown>> {
  const scene = await sceneOf('remote-service', {});
  const opened = await admitSession(await offerOf(scene.right, id('ssh')), scene);
  await narrow(scene, parts);
  return opened.allowed ? stillAllowed(opened.value, scene.held, clockAt(0), true) : opened;
}

/** The same of a flow, and by which keys it may begin anew. */
export async function flowWhenNarrowed(parts: Parts) {
  const { right, self, held, clock, watch } = await sceneOf('data-collection', {});
  const by = { self, clock, watch, lockout: { isSet: () => false }, online: () => true, working: NEW };
  const judged = await judgeFlow(by, held, right.chain.grant);
  if (!judged.allowed) throw new Error(judged.refusal.code);
  const before = flowStillAllowed(by, judged.value, held);
  await narrow({ right, held }, parts);
  const after = flowStillAllowed(by, judged.value, held);
  const anew = await judgeFlow(by, held, right.chain.grant);
  return { before, after, anew, goesOn: anew.allowed && flowStillAllowed(by, anew.value, held).allowed };
}

type Parts = { readonly [M in 'strike' | 'instead']?: Partial<Narrowing[M]> };

async function narrow({ right, held }: Pick<Scene, 'right' | 'held'>, { strike, instead }: Parts): Promise<void> {
  const [struck, left] = [
    { resources: [], clauses: [], ...strike },
    { resources: [], terms: [], ...instead },
  ];
  const narrows: Narrowing = { version: held.digest, strike: struck, instead: left };
  const target = { kind: 'agreement', id: right.agreement.id } as const;
  const { document } = await revocationOf(right, { verb: 'narrow', target, narrows, issuedAt: NOW });
  const taken = await takeAct(held, await signed(document, right.who.buyerAgent.signer, NOW), NOW);
  if (!taken.allowed) throw new Error(taken.refusal.code);
}
