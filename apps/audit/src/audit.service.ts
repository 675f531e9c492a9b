import { answer, defineService, type ServiceAccess, type Wiring } from '@interlock/chassis';
import {
  CosignCheckpoint,
  CountAudit,
  EraseDue,
  ErasePerson,
  HoldLog,
  PendingCosignatures,
  ProveAudit,
  ProveSignatures,
  QueryAudit,
  ReadCheckpoint,
  ReadHolds,
  ReadTile,
  SayReceived,
} from '@interlock/contracts';
import { Module } from '@nestjs/common';
import { ALARM_EVERY_MS, alarmForParked } from './commands/alarm-for-parked.js';
import { acceptCosignature, pendingCosignatures } from './commands/cosign-checkpoint.js';
import { ERASE_EVERY_MS, eraseDue, eraseNextDue, eraseParkedDue, holdLog } from './commands/erase-due.js';
import { erasePerson } from './commands/erase-person.js';
import { logSigner } from './commands/log-signer.js';
import { signGrownLogs } from './commands/make-checkpoints.js';
import { prove } from './commands/prove.js';
import { proveSignatures } from './commands/prove-signatures.js';
import { countLog, queryLog } from './commands/query-log.js';
import { readCheckpoint } from './commands/read-checkpoint.js';
import { readTileResource } from './commands/read-tile.js';
import { readHolds, sayReceived } from './commands/say-received.js';
import { SEQUENCE_BATCH, sequenceWaiting } from './commands/sequence-waiting.js';
import { auditSettings } from './config.js';
import { onAgreementActivated } from './consumers/on-agreement-activated.js';
import { onCertificatesPublished } from './consumers/on-certificates-published.js';
import { openLogKey } from './log-key-file.js';
import { MIGRATIONS } from './store/migrations/index.js';

@Module({})
export class AuditModule {}

/** Companies reach the logs through the federation API alone; it says for whom it asks. */
const forCompanies: ServiceAccess = { actor: 'service', services: ['federation-api'] };

/** Owns the evidence logs: append, sequence, checkpoint, cosign, prove, query. */
export const auditService = defineService({
  name: 'audit',
  module: AuditModule,
  settings: auditSettings,
  migrations: MIGRATIONS,
  consumers: () => [onAgreementActivated(), onCertificatesPublished()],
  requests(wiring) {
    const { settings, transactor, clock } = wiring;
    const signer = logSigner(settings.LOG_ORIGIN, openLogKey(settings.LOG_KEY_FILE));
    const access = forCompanies;
    return [
      answer({ request: QueryAudit, access, handle: (ask) => transactor.run((tx) => queryLog(tx, ask)) }),
      answer({ request: CountAudit, access, handle: (ask) => transactor.run((tx) => countLog(tx, ask)) }),
      answer({ request: ProveAudit, access, handle: (ask) => transactor.run((tx) => prove(tx, ask)) }),
      answer({
        request: ProveSignatures,
        access: { actor: 'service', services: ['grants'] },
        handle: (ask) => transactor.run((tx) => proveSignatures(tx, ask)),
      }),
      ...keepingAnswers(wiring),
      answer({ request: ReadTile, access, handle: (ask) => transactor.run((tx) => readTileResource(tx, ask)) }),
      answer({
        request: ReadCheckpoint,
        access,
        handle: (ask) => transactor.run((tx) => readCheckpoint(tx, ask, signer, clock.now())),
      }),
      answer({
        request: PendingCosignatures,
        access,
        handle: (ask) => transactor.run((tx) => pendingCosignatures(tx, ask)),
      }),
      answer({
        request: CosignCheckpoint,
        access,
        // Keeping the same line twice changes nothing, so it needs no idempotency key of its own.
        handle: (ask) => transactor.run((tx) => acceptCosignature(tx, ask, clock.now())),
      }),
    ];
  },
  workers({ settings, transactor, clock, ids, news, log }) {
    const signer = logSigner(settings.LOG_ORIGIN, openLogKey(settings.LOG_KEY_FILE));
    return [
      {
        name: 'sequencer',
        everyMs: settings.SEQUENCE_EVERY_MS,
        work: async () => (await transactor.run((tx) => sequenceWaiting(tx, clock.now()))) === SEQUENCE_BATCH,
      },
      {
        name: 'checkpoints',
        everyMs: settings.CHECKPOINT_EVERY_MS,
        work: () => signGrownLogs({ transactor, signer, ids, news, log, now: () => clock.now() }),
      },
      {
        name: 'retention',
        everyMs: ERASE_EVERY_MS,
        work: () =>
          transactor.run(
            async (tx) => (await eraseNextDue(tx, ids, clock.now())) || eraseParkedDue(tx, ids, clock.now()),
          ),
      },
      { name: 'parked-alarm', everyMs: ALARM_EVERY_MS, work: () => alarmForParked(transactor, log) },
    ];
  },
});

/** What is kept of persons, and what is taken away. */
function keepingAnswers({ transactor, clock, ids }: Pick<Wiring, 'transactor' | 'clock' | 'ids'>) {
  const access = forCompanies;
  return [
    answer({ request: HoldLog, access, handle: (ask) => transactor.run((tx) => holdLog(tx, ids, ask, clock.now())) }),
    answer({ request: ReadHolds, access, handle: (ask) => transactor.run((tx) => readHolds(tx, ask)) }),
    answer({
      request: SayReceived,
      access,
      handle: (ask) => transactor.run((tx) => sayReceived(tx, ids, ask, clock.now())),
    }),
    answer({ request: EraseDue, access, handle: (ask) => transactor.run((tx) => eraseDue(tx, ids, ask, clock.now())) }),
    answer({
      request: ErasePerson,
      access,
      handle: (ask) => transactor.run((tx) => erasePerson(tx, ids, ask, clock.now())),
    }),
  ];
}
