import { z } from 'zod';
import * as documents from '../documents/documents.js';
import { signatureBlock } from '../documents/keys.js';
import { evidenceRecord } from '../evidence.js';
import * as bodies from './federation-api.js';
import { problem } from './problem.js';

/** The names under which schemas stand in the descriptions of our interfaces. A schema that is not here stands where it is used. */
export const SCHEMA_NAMES = z.registry<{ id: string }>();

const capital = (name: string): string => name[0]?.toUpperCase() + name.slice(1);

for (const [name, schema] of Object.entries({ ...documents, ...bodies, signatureBlock, evidenceRecord, problem }))
  if (schema instanceof z.ZodType) SCHEMA_NAMES.add(schema, { id: capital(name) });
