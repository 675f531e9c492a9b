export { openCacheFolder } from './cache-folder.js';
export { findNatsServer, type NatsServerChoice } from './find-nats-server.js';
export { acceptsNatsServer, natsServerVersion, WANTED_NATS_SERVER } from './nats-server-version.js';
