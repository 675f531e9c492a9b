import type { TermType } from '@interlock/domain';
import type { TermCase } from '../at-the-gateway.js';
import { clockSkew } from './clock-skew.js';
import { custody } from './custody.js';
import { dataCollection } from './data-collection.js';
import { decisionPoint } from './decision-point.js';
import { delegation } from './delegation.js';
import { embargo } from './embargo.js';
import { equivalence } from './equivalence.js';
import { evidence } from './evidence.js';
import { fileTransfer } from './file-transfer.js';
import { hours } from './hours.js';
import { identityProvider } from './identity-provider.js';
import { insolvency } from './insolvency.js';
import { machineToMachine } from './machine-to-machine.js';
import { machines } from './machines.js';
import { notice } from './notice.js';
import { offline } from './offline.js';
import { reLogin } from './re-login.js';
import { region } from './region.js';
import { remoteService } from './remote-service.js';
import { resourceClass } from './resource-class.js';
import { safetyNotice } from './safety-notice.js';
import { selector } from './selector.js';
import { sessions } from './sessions.js';
import { signal } from './signal.js';
import { thirdParty } from './third-party.js';
import { timeLimits } from './time-limits.js';
import { transfer } from './transfer.js';

/** A term without its two cases does not compile. */
export const TERM_CASES: Readonly<Record<TermType, TermCase>> = {
  'remote-service': remoteService,
  'machine-to-machine': machineToMachine,
  'data-collection': dataCollection,
  region,
  offline,
  'resource-class': resourceClass,
  selector,
  hours,
  'file-transfer': fileTransfer,
  sessions,
  're-login': reLogin,
  'clock-skew': clockSkew,
  'safety-notice': safetyNotice,
  transfer,
  embargo,
  'decision-point': decisionPoint,
  evidence,
  custody,
  notice,
  'third-party': thirdParty,
  equivalence,
  machines,
  insolvency,
  delegation,
  'identity-provider': identityProvider,
  'time-limits': timeLimits,
  signal,
};
