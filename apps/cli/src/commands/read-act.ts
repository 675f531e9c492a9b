import { signedAct } from '@interlock/contracts';
import type { Act, Signed } from '@interlock/domain';
import { z } from 'zod';
import { WrongUsage } from './perform.js';
import { readJsonFile } from './read-arguments.js';

const carried = z.union([signedAct, z.looseObject({ act: signedAct }).transform(({ act }) => act)]);

/** A signed act from a file: the act alone, or what an agent answered when it signed it. */
export function readAct(file: string): Signed<Act> {
  const read = carried.safeParse(readJsonFile(file));
  if (!read.success) throw new WrongUsage(`${file} does not hold a signed act`);
  return read.data;
}
