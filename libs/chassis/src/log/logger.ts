import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { Fault, StartError } from '../fault.js';
import { currentTrace } from '../trace/trace.js';
import { LOG_FIELDS } from './fields.js';

/** A log of constant sentences with fields: `log.warn({ event: 'grant.refused', code }, 'grant refused')`. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;
const LONGEST_VALUE = 256;

/**
 * Makes the log of one service: JSON lines on stderr, so that stdout carries the ready line alone.
 * Only listed fields with plain values are printed, whatever is passed in.
 */
export function makeLog(service: string, level: LogLevel, to?: DestinationStream): Log {
  return pino(
    {
      level,
      base: { service },
      mixin: traceFields,
      formatters: { level: (label) => ({ level: label }), log: printable },
      // pino would otherwise serialize errors itself, with their message and their own fields.
      serializers: { err: (value: unknown) => value },
    },
    to ?? pino.destination({ dest: STDERR, sync: true }),
  );
}

const traceFields = (): object => {
  const trace = currentTrace();
  return trace ? { traceId: trace.traceId } : {};
};

const printable = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name === 'err' ? errorFacts(value) : printableValue(name, value),
    ]),
  );

function printableValue(name: string, value: unknown): unknown {
  if (!LOG_FIELDS.includes(name)) return '[redacted]';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  return typeof value === 'string' ? value.slice(0, LONGEST_VALUE) : '[redacted]';
}

/**
 * What may be said of an error. Drivers put values and addresses into their messages, so only the messages of our own
 * classes are printed; of others their kind, their code and where they came from.
 */
function errorFacts(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return '[redacted]';
  const ours = thrown instanceof Fault || thrown instanceof StartError;
  return {
    type: thrown.name,
    ...('code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {}),
    ...('constraint' in thrown && typeof thrown.constraint === 'string' ? { constraint: thrown.constraint } : {}),
    ...(ours ? { message: thrown.message } : {}),
    at: framesOf(thrown),
    ...(thrown.cause !== undefined && depth < 3 ? { cause: errorFacts(thrown.cause, depth + 1) } : {}),
  };
}

const framesOf = (thrown: Error): string[] =>
  (thrown.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim());

/** Nest's warnings and errors, without the values they carry; what it tells of its own start is left out. */
export const nestLog = (log: Log): LoggerService => ({
  log: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  warn: (_message: unknown, ...rest: unknown[]) =>
    log.warn({ event: 'nest.warning', context: rest.at(-1) }, 'nest warns'),
  error: (message: unknown, ...rest: unknown[]) => {
    // The state of the one bus connection is told once, by its owner.
    if (typeof message === 'string' && message.startsWith('NatsError')) return;
    log.error({ event: 'nest.error', context: rest.at(-1), err: message }, 'nest reports an error');
  },
  fatal: (message: unknown) => log.error({ event: 'nest.error', err: message }, 'nest reports an error'),
});
