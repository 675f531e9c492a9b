import { type Logger, pino } from 'pino';

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
  warn(fields: LogFields, sentence: string): void;
  error(fields: LogFields, sentence: string, cause?: unknown): void;
}

/** Structured lines on standard error; the sentence is constant, the values are fields. */
export function makeLog(
  process: string,
  logger: Logger = pino({ name: process, base: { process } }, pino.destination(2)),
): Log {
  const only = (fields: LogFields) =>
    Object.fromEntries(LOG_FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
  return {
    info: (fields, sentence) => logger.info(only(fields), sentence),
    warn: (fields, sentence) => logger.warn(only(fields), sentence),
    error: (fields, sentence, cause) =>
      logger.error(
        { ...only(fields), cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined },
        sentence,
      ),
  };
}
