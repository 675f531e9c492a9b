export * from './open-remote.js';
export * from './pull-sealed.js';
