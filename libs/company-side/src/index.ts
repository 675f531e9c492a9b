export * from './broker/broker-client.js';
export * from './broker/channel.js';
export * from './durable-file.js';
export * from './journal/index.js';
export * from './logger.js';
export * from './new-id.js';
export * from './parent.js';
