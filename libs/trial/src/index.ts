export { backUp, type KeyFolder, layKeys, readBackup } from './backup/backup-folder.js';
export {
  copyDatabaseIn,
  type KeptLog,
  type KeptRecord,
  type Restored,
  recordOfOperator,
  refuseUsedDatabase,
} from './backup/copy-in.js';
export type { BackupManifest } from './backup/manifest.js';
export { openCacheFolder } from './cache-folder.js';
export { type DataFolderLock, lockDataFolder } from './data-folder-lock.js';
export { dataPlace } from './data-place.js';
export { findNatsServer, type NatsServerChoice } from './find-nats-server.js';
export { freePort, freePorts } from './free-port.js';
export { type Exit, type Launched, type LaunchSpec, launch, type Readiness } from './launch.js';
export { makeDatabase } from './make-database.js';
export { type NatsChoice, type RunningNats, startNats } from './nats.js';
export { acceptsNatsServer, natsServerVersion, WANTED_NATS_SERVER } from './nats-server-version.js';
export { deadLetters, handleLetter, type Letter } from './operation/letters.js';
export {
  type Handled,
  handleParked,
  type ParkedRecord,
  parkedRecords,
  type WhyNotHandled,
} from './operation/parked.js';
export { type PostgresChoice, type RunningPostgres, startPostgres } from './postgres.js';
export { processIdentity, stillRuns } from './process-identity.js';
export { reachableCopy, walkable } from './reachable.js';
export { type RunAs, runAs } from './run-as.js';
export { type ClamdChoice, type RunningClamd, startClamd } from './start-clamd.js';
export { type Launch, Supervisor } from './supervisor.js';
export { type Clamd, findClamd } from './unpack-clamd.js';
export { librariesIn, unpackPackages, type WantedPackages } from './unpack-packages.js';
export { until } from './until.js';
