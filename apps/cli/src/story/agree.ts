import { everyPage, newestEntityOf, ownPin, readCertificates, readEntities } from '@interlock/company-side';
import { agreementList } from '@interlock/contracts';
import type { Agreement, Party } from '@interlock/domain';
import { digestOf, emptyBundle } from '@interlock/proof';
import { addSignature, proposeAgreement, signOwn } from '../commands/agreement/hand-over-agreement.js';
import { companyBroker } from '../commands/company-broker.js';
import type { CompanyPlace } from '../up/start-companies.js';
import { regionKey } from '../up/start-region.js';
import type { Trial } from '../up/trial.js';
import { amended, firstDraft, unenforceable } from './agreement-of-the-trial.js';
import { eventually, must, type Step, StepFailed } from './step.js';

const partyOf = ({ dir }: CompanyPlace, role: Party['role']): Party => {
  const { organisation, root } = ownPin(dir);
  return { organisation, role, root, entity: digestOf(newestEntityOf(dir).document) };
};

/** One proposes, the other amends, both sign the same bytes with keys that no running process holds. */
export const agree: Step = {
  id: 'agree',
  title: 'one proposes, the other amends, both sign the same bytes',
  async run({ trial, memory, say }) {
    const { vendor, buyer } = trial;
    const parties = [partyOf(vendor, 'vendor'), partyOf(buyer, 'buyer')];
    const first = firstDraft({ parties, endpointKeys: (region) => regionKey(trial.dir, region), now: Date.now() });
    say('the vendor proposes version 1');
    await propose(vendor, first);
    say('the buyer amends it: version 2 has shorter leases');
    const second = amended(first, digestOf(first));
    await propose(buyer, second);
    say('the vendor signs version 2');
    must('the vendor signing version 2', await addSignature(companyBroker(vendor.dir), second));
    const active = await eventually('version 2 in force', () => inForce(trial, second));
    say('both sign a version with a term that nothing can enforce');
    const refused = await refusedTerm(trial, unenforceable(second));
    memory.agreement = active;
    return {
      shown: [
        `agreement ${second.id} version 2 is in force, signed by both over ${digestOf(second)}`,
        `an agreement with a term that nothing here can evaluate was not activated: ${refused}`,
      ],
      bundle: {
        ...emptyBundle,
        entities: [vendor, buyer].flatMap(({ dir }) => [...readEntities(dir)]),
        certificates: [vendor, buyer].flatMap(({ dir }) => [...readCertificates(dir)]),
        agreement: active,
      },
    };
  },
};

async function propose({ dir }: CompanyPlace, agreement: Agreement) {
  const own = must(
    'signing with the offline key',
    await signOwn(dir, { document: agreement, signatures: [] }, Date.now()),
  );
  return must(`proposing version ${agreement.version}`, await proposeAgreement(companyBroker(dir), own));
}

async function inForce({ buyer }: Trial, wanted: Agreement) {
  const list = must(
    'reading the agreements',
    await everyPage(companyBroker(buyer.dir).broker, '/v1/agreements', agreementList, 'agreements'),
  );
  const view = list.agreements.find((one) => one.digest === digestOf(wanted));
  return view?.status === 'active' ? view.agreement : undefined;
}

async function refusedTerm({ vendor, buyer }: Trial, agreement: Agreement): Promise<string> {
  const own = must('signing', await signOwn(vendor.dir, { document: agreement, signatures: [] }, Date.now()));
  const proposed = await proposeAgreement(companyBroker(vendor.dir), own);
  const done = proposed.allowed ? await addSignature(companyBroker(buyer.dir), agreement) : proposed;
  if (!done.allowed) return `${done.refusal.code} ${done.refusal.clause ?? ''}`.trim();
  if (done.value.status === 'active') throw new StepFailed('a term without an evaluator was activated');
  return `status ${done.value.status}`;
}
