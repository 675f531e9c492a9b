import type { Agreement, Grant, KeyCertificate, LocalId } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { aGrant, anAgreement, bothSign, grantSigned, type Partnership } from '@interlock/testkit/builders';
import type { AgreementDocuments } from '../src/commands/read-agreement.js';

const id = (text: string) => text as LocalId;

export interface Changes {
  readonly agreement?: Partial<Agreement>;
  readonly grant?: Partial<Grant>;
  readonly status?: AgreementDocuments['material']['view']['status'];
  readonly gateway?: Partial<KeyCertificate>;
}

/** Documents of a data-collection grant that both companies signed; a test names only what it changes. */
export async function flowDocuments(who: Partnership, changes: Changes = {}): Promise<AgreementDocuments> {
  const agreement = anAgreement(who, changes.agreement);
  const grant = aGrant(agreement, {
    kind: 'data-collection',
    subjects: [{ organisation: who.vendor.organisation, kind: 'workload', id: id('telemetry-pipeline') }],
    actions: [id('press-telemetry')],
    purpose: id('predictive-maintenance'),
    ticket: null,
    ...changes.grant,
  });
  const gateway = await who.buyer.holder('gateway', 'plant-gateway', ['enforce', 'call'], {
    resources: [id('press-7')],
    ...changes.gateway,
  });
  const holders = [who.technician, who.approver, who.secondApprover, who.vendorAgent, who.buyerAgent, who.recipient];
  const view = {
    id: agreement.id,
    version: 1,
    digest: digestOf(agreement),
    status: changes.status ?? 'active',
    agreement: await bothSign(who, agreement),
  };
  return {
    material: {
      view,
      pins: [...who.pins].map(([organisation, root]) => ({ organisation, root, revision: 1 })),
      entities: [who.vendor.entity, who.buyer.entity] as AgreementDocuments['material']['entities'],
      certificates: [...holders, gateway].map(
        (one) => one.certificate,
      ) as AgreementDocuments['material']['certificates'],
      acts: [],
      annexes: [],
    },
    standing: { acts: [], statusLists: [], verdicts: [], flows: [await grantSigned(who, grant)] },
  };
}
