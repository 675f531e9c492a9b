import { newId } from '@interlock/company-side';
import { type Agreement, evidenceOf, type LocalId, type SessionId } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { PRESS } from '../src/up/demo-companies.js';
import { serveLog, smallLog } from './small-log.js';
import type { TwoCompanies } from './two-companies.js';

/** Lets the broker tell of one use of the press that this approver activated at its gateway, in a log that both cosigned. Answers with its session. */
export function anActivatedUse(world: TwoCompanies, { id: log }: Agreement, approver: string): SessionId {
  const session = newId('ses') as SessionId;
  const [vendor, buyer] = [world.vendor.company.organisation, world.buyer.company.organisation];
  const record = evidenceOf(`${buyer}/plant-gateway`, newId('evd'), {
    ...{ log, kind: 'session.activated', outcome: 'allow', at: Date.now() - 60_000, organisation: buyer },
    ...{ session, resource: { owner: buyer, id: PRESS }, clause: 'remote-service' },
    subject: { organisation: vendor, kind: 'person', id: 'technician' as LocalId },
    ...{ reason: `${approver}: the press stands`, documents: [digestOf('a receipt'), digestOf('an activation')] },
  });
  const cosigners = [world.vendor, world.buyer];
  serveLog(world, log, smallLog(world, log, [record]), () => ({
    ...{ size: 1, cosignedSize: 1, cosigners, lie: (answer) => answer },
  }));
  return session;
}
