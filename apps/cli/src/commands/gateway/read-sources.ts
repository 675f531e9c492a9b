import { readFileSync } from 'node:fs';
import { telemetrySource } from '@interlock/contracts';
import type { TelemetrySource } from '@interlock/domain';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** Reads a list of telemetry sources. A file that is none is wrong usage, and the error says which member is wrong. */
export function readSources(file: string): readonly TelemetrySource[] {
  const read = z.array(telemetrySource).safeParse(jsonIn(file));
  if (!read.success) throw new InvalidArgumentError(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InvalidArgumentError(`${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}`);
  }
}
