import { ConfigurationError } from '@interlock/contracts';
import { type Logger, pino } from 'pino';
import { currentTrace } from './trace/under-way.js';

/** The fields a log line may carry. A field that is not here is treated as secret and left out. */
export const LOG_FIELDS = [
  'event',
  'code',
  'clause',
  'organisation',
  'holder',
  'agreementId',
  'grant',
  'session',
  'resource',
  'action',
  'service',
  'port',
  'count',
  'milliseconds',
  'region',
  'kind',
  'sequence',
  'detail',
] as const;
export type LogFields = Partial<Record<(typeof LOG_FIELDS)[number], string | number | boolean | undefined>>;

export interface Log {
  info(fields: LogFields, sentence: string): void;
  warn(fields: LogFields, sentence: string, cause?: unknown): void;
  error(fields: LogFields, sentence: string, cause?: unknown): void;
}

/** Messages of these are written here and name no value; those of others carry whatever their author put in. */
const OURS = new Set(['BrokerUnavailable', 'JournalDamaged', 'StreamTruncated', ConfigurationError.name]);
const LONGEST_VALUE = 256;
const DEEPEST_CAUSE = 3;

/** Structured lines on standard error; the sentence is constant, the values are fields. */
export function makeLog(
  process: string,
  logger: Logger = pino({ name: process, base: { process } }, pino.destination(2)),
): Log {
  const told = (fields: LogFields, cause: unknown) => ({
    ...only(fields),
    ...(currentTrace() && { traceId: currentTrace()?.traceId }),
    ...(cause !== undefined && { cause: causeFacts(cause) }),
  });
  return {
    info: (fields, sentence) => logger.info(told(fields, undefined), sentence),
    warn: (fields, sentence, cause) => logger.warn(told(fields, cause), sentence),
    error: (fields, sentence, cause) => logger.error(told(fields, cause), sentence),
  };
}

const only = (fields: LogFields): object =>
  Object.fromEntries(LOG_FIELDS.map((name) => [name, plain(fields[name])]).filter(([, value]) => value !== undefined));

function plain(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string') return value.slice(0, LONGEST_VALUE);
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** What may be said of what was thrown: its kind, its code, where it came from, and what caused it. */
function causeFacts(thrown: unknown, depth = 0): object {
  if (!(thrown instanceof Error)) return { type: 'unknown' };
  return {
    type: thrown.name,
    ...('code' in thrown && typeof thrown.code === 'string' && /^\w{1,64}$/.test(thrown.code) && { code: thrown.code }),
    ...(OURS.has(thrown.name) && { message: thrown.message.slice(0, LONGEST_VALUE) }),
    at: framesOf(thrown),
    ...(thrown.cause !== undefined && depth < DEEPEST_CAUSE && { cause: causeFacts(thrown.cause, depth + 1) }),
  };
}

const framesOf = (thrown: Error): string[] =>
  (thrown.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 4)
    .map((line) => line.trim());
