export type { ServiceAccess } from './bus/access.js';
export { type Answerer, type AnswerSpec, answer, type Call } from './bus/answer.js';
export { connectToBus } from './bus/connect.js';
export { deployStreams } from './bus/deploy-streams.js';
export { News, type NewsHearer } from './bus/news.js';
export { type AskOptions, Requests } from './bus/requests.js';
export {
  type Delivery,
  PoisonMessageError,
  type Subscription,
  type SubscriptionSpec,
  subscribe,
} from './bus/subscribe.js';
export { Clock, SystemClock } from './clock.js';
export { Fault, StartError } from './fault.js';
export { Access, type AccessRow, type Actor, actorsOf } from './http/access.js';
export { Caller, type CallerVerifier, callerOf, type VerifiedCaller } from './http/caller.js';
export type { HttpEdge } from './http/http-app.js';
export {
  type DescribedRoute,
  describedRoutes,
  OPERATION,
  Operation,
  type OperationInput,
  type OperationRow,
  type Repeats,
} from './http/operation.js';
export { Malformed, type Noes, type Problem, type RefusalRow, type RefusalTable, toProblem } from './http/problem.js';
export { orRefuse, Refused } from './http/refused.js';
export { Ids, RandomIds } from './ids.js';
export { type Log, makeLog } from './log/logger.js';
export { LOG, SETTINGS } from './service/chassis.module.js';
export { defineService, type HttpDefinition, type ServiceDefinition, type Wiring } from './service/define-service.js';
export { Health } from './service/health.js';
export { type Host, runService } from './service/run-service.js';
export { type RunningService, type StartOptions, startService } from './service/start-service.js';
export type { Worker } from './service/workers.js';
export type { Step, ThroughStep } from './steps.js';
export { currentTrace } from './trace/trace.js';
