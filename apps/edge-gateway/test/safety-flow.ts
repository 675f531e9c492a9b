import { type Agreement, type Decision, lastVersionOf } from '@interlock/domain';
import { signed } from '@interlock/proof';
import { NOW } from '@interlock/testkit/builders';
import { flowStillAllowed, judgeFlow } from '../src/flow/judge-flow.js';
import { type HeldAgreement, takeAct } from '../src/standing/held-agreement.js';
import { clockAt, everythingOf, id, NEW, press7, type Scene, type Situation, sceneOf } from './at-the-gateway.js';

const relied = { resources: [{ ...press7, class: 'safety', services: [id('ssh')] }] } as Partial<Agreement>;

/** A flow of a machine on which safety rests, opened honestly at `NOW`; the broker is lost since, and the acts have come by hand. */
export async function safetyFlowGoesOn({ after = 0, ...situation }: Situation): Promise<Decision<unknown>> {
  const scene = await sceneOf('data-collection', { agreement: relied, ...situation, acts: [], after: 0 });
  const by = {
    self: scene.self,
    clock: scene.clock,
    lockout: { isSet: () => false },
    online: () => true,
    working: NEW,
    watch: scene.watch,
  };
  const judged = await judgeFlow(by, scene.held, scene.right.chain.grant);
  if (!judged.allowed) return judged;
  const opened = { ...judged.value, use: { ...judged.value.use, resumed: true } };
  const { acts } = await everythingOf(scene.right, situation);
  const held = {
    ...scene.held,
    remembered: { ...scene.held.remembered, firstHeld: Object.assign(() => NOW, { before: () => undefined }) },
  };
  for (const act of acts) await takeAct(held, act, NOW);
  return flowStillAllowed({ ...by, clock: clockAt(after), online: () => false }, opened, held);
}

/** Whether it is taken up again after a restart with the broker dead: no side has said anything since. */
export async function safetyFlowIsTakenUp({ begunAt, ...situation }: Situation): Promise<Decision<unknown>> {
  const scene = await sceneOf('data-collection', { agreement: relied, ...situation });
  return takenUp(scene, scene.held, begunAt);
}

/** The same with a root that revoked everything among the documents; `since` is when this gateway first held that, and undefined where it does not know. */
export async function revokedFlowIsTakenUp(
  side: 'vendor' | 'buyer',
  since: number | undefined,
  { begunAt, ...situation }: Situation,
): Promise<Decision<unknown>> {
  const scene = await sceneOf('data-collection', { agreement: relied, ...situation });
  const { entity, root, organisation } = scene.right.who[side];
  const last = await signed(lastVersionOf(entity.document), root, NOW);
  const known = since === undefined ? [] : [[organisation, since] as const];
  const revokedSince = new Map(known);
  const remembered = { ...scene.held.remembered, revoked: new Set(revokedSince.keys()), revokedSince };
  const chainOf: HeldAgreement['chainOf'] = (grant) => {
    const chain = scene.held.chainOf(grant);
    return { ...chain, entities: [...chain.entities, last] };
  };
  return takenUp(scene, { ...scene.held, remembered, chainOf }, begunAt);
}

function takenUp(scene: Scene, held: HeldAgreement, begunAt: number | undefined): Promise<Decision<unknown>> {
  held.leases.clear();
  const clock = { ...scene.clock, runsAhead: () => true };
  const working = { ...NEW, begunAt: () => begunAt };
  const by = {
    self: scene.self,
    clock,
    lockout: { isSet: () => false },
    online: () => false,
    working,
    watch: scene.watch,
  };
  return judgeFlow(by, held, scene.right.chain.grant);
}
