import { provenBy } from './evidence.js';
import { signIn } from './person.js';
import { agreementOf, remoteGrantOf } from './remembered.js';
import { enterPress } from './remote-session.js';
import type { Step } from './step.js';

/** The technician logs in with his own company's identity provider and reaches SSH on the machine through the plant's own gateway. */
export const enter: Step = {
  id: 'enter',
  title: 'the technician logs in at home and reaches the machine through a gateway that checks the chain itself',
  async run({ trial, memory, say }) {
    const agreement = agreementOf(memory);
    const grant = remoteGrantOf(memory);
    const technician = await signIn(trial.vendor, 'technician');
    say('login at the vendor, admission by the broker, judgement at the gateway');
    const started = performance.now();
    const session = await enterPress(trial, technician, grant.document.id);
    const opened = Math.round(performance.now() - started);
    const hostname = await session.run('hostname');
    const status = await session.run('status');
    memory.session = session;
    memory.technician = technician;
    say("waiting for the gateway's own record in the log, cosigned by both");
    const bundle = await provenBy(
      trial,
      trial.buyer,
      {
        agreement,
        grant,
        loginProofs: [session.loginProof],
        receipts: [{ ...session.remote.receipt, signatures: [...session.remote.receipt.signatures] }],
      },
      { kind: 'session.opened' },
      (records) => records.some((record) => record.session === session.remote.id),
    );
    return {
      shown: [
        `ssh answered ${JSON.stringify(hostname)} through an end-to-end encrypted tunnel, ${opened} ms after the login began`,
        `status: ${JSON.stringify(status.split('\n')[0])}; approved by ${session.remote.approvedBy.join(' and ')}`,
        'the gateway dialled out only; no address of the machine left the plant',
      ],
      bundle,
    };
  },
};
