import { readCertificates, readEntities } from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import { emptyBundle } from '@interlock/proof';
import { BUYER, PRESS, VENDOR } from '../up/demo-companies.js';
import { active, approveByProgram, approveOnPage, ask } from './ask-and-approve.js';
import { signIn } from './person.js';
import { agreementOf } from './remembered.js';
import type { Step } from './step.js';

const id = (text: string) => text as LocalId;

/** A technician asks for one machine; two of the plant's people say yes, one on a page, one from the command line. */
export const grant: Step = {
  id: 'grant',
  title: 'a technician asks for one machine, two of the plant say yes on their own side',
  async run({ trial, memory, say }) {
    const { vendor, buyer } = trial;
    const agreement = agreementOf(memory);
    const technician = await signIn(vendor, 'technician');
    say('the technician asks, with ticket, purpose and window');
    const now = Date.now();
    const asked = await ask(technician, {
      agreementId: agreement.document.id,
      kind: 'remote-service',
      resources: [{ owner: BUYER.organisation, id: PRESS }],
      actions: [id('ssh')],
      purpose: id('repair'),
      ticket: 'INC-20481',
      windows: [{ from: now - 1_000, to: now + 2 * 3_600_000 }],
    });
    say('the shift lead reads the page of his own company and approves');
    await approveOnPage(await signIn(buyer, 'shift-lead'), asked, [
      'INC-20481',
      PRESS,
      'technician',
      VENDOR.organisation,
    ]);
    say('the plant engineer approves from the command line');
    await approveByProgram(await signIn(buyer, 'plant-engineer'), asked);
    const granted = await active(buyer, asked);
    memory.remote = granted;
    return {
      shown: [
        `${VENDOR.organisation}/technician may use ssh of ${BUYER.organisation}/${PRESS} for two hours, ticket INC-20481`,
        'signed by the technician and by two approvers, each with a key that only his own passphrase opens',
      ],
      bundle: {
        ...emptyBundle,
        entities: [vendor, buyer].flatMap(({ dir }) => [...readEntities(dir)]),
        certificates: [vendor, buyer].flatMap(({ dir }) => [...readCertificates(dir)]),
        agreement,
        grant: granted,
      },
    };
  },
};
