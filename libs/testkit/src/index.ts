export { FakeClock } from './fake-clock.js';
export {
  type BreakableStep,
  everythingTwice,
  Faults,
  type HowItBreaks,
  InjectedFault,
  type PlannedFault,
} from './faults.js';
export { type LoopbackCertificate, loopbackCertificate } from './loopback-certificate.js';
export { type TestNats, testNats } from './nats.js';
export { type TestDatabase, testDatabase } from './postgres.js';
export { PROGRAMS } from './programs.js';
