import type { TelemetrySource } from '@interlock/domain';
import { z } from 'zod';
import { localId } from './names.js';

export const address = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/);
export const port = z.number().int().min(1).max(65_535);

const sourceKey = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/);
const sourceAt = { resource: localId, host: address, port };

/** Where the gateway fetches telemetry; of a topic no wildcard, or who may publish anywhere could name any key. */
export const telemetrySource: z.ZodType<TelemetrySource> = z.discriminatedUnion('via', [
  z.strictObject({
    via: z.literal('mqtt'),
    ...sourceAt,
    username: z.string().min(1).max(200).optional(),
    topics: z
      .array(z.strictObject({ topic: z.string().regex(/^[^+#$\p{Cc}][^+#\p{Cc}]{0,499}$/u), key: sourceKey }))
      .min(1)
      .max(1_000),
  }),
  z.strictObject({
    via: z.literal('modbus'),
    ...sourceAt,
    unit: z.number().int().min(0).max(255),
    everyMilliseconds: z.number().int().min(100).max(86_400_000),
    values: z
      .array(
        z
          .strictObject({
            key: sourceKey,
            table: z.enum(['coil', 'discrete-input', 'input-register', 'holding-register']),
            address: z.number().int().min(0).max(65_535),
            format: z.enum(['bit', 'uint16', 'int16', 'uint32', 'int32', 'float32']),
            lowWordFirst: z.boolean().optional(),
            factor: z.number().optional(),
          })
          .refine(({ table, format }) => (format === 'bit') === (table === 'coil' || table === 'discrete-input'), {
            error: 'coils and discrete inputs are bits, and registers are not',
          }),
      )
      .min(1)
      .max(1_000),
  }),
]);
