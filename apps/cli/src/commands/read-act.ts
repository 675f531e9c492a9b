import { publishedDocuments, signedAct } from '@interlock/contracts';
import type { Act, Signed } from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import { z } from 'zod';
import { WrongUsage } from './perform.js';
import { readJsonFile } from './read-arguments.js';

/** A signed act with what its signature hangs on, as far as it was brought along. */
export interface CarriedAct extends Pick<z.infer<typeof publishedDocuments>, 'entities' | 'certificates'> {
  readonly act: Signed<Act>;
}

const signedAnswer = z.looseObject({ act: signedAct, documents: publishedDocuments.optional() });

/** A signed act from a file: the act alone, or what an agent answered when it signed it. */
export function readAct(file: string): CarriedAct {
  const content = readJsonFile(file);
  const alone = signedAct.safeParse(content);
  if (alone.success) return { act: alone.data, entities: [], certificates: [] };
  const answered = signedAnswer.safeParse(content);
  if (!answered.success) throw new WrongUsage(`${file} does not hold a signed act`);
  return carriedAct(answered.data);
}

/** Of a whole company's documents, those that this act's signatures hang on: what is carried by hand stays small. */
export function carriedAct({ act, documents }: z.infer<typeof signedAnswer>): CarriedAct {
  const kids = new Set(act.signatures.map((block) => kidOf(block.protected)));
  const certificates = (documents?.certificates ?? []).filter(({ document }) => kids.has(thumbprintOf(document.key)));
  return { act, entities: documents?.entities ?? [], certificates };
}

const header = z.looseObject({ kid: z.string() });

function kidOf(protectedHeader: string): string | undefined {
  try {
    return header.parse(JSON.parse(Buffer.from(protectedHeader, 'base64url').toString('utf8'))).kid;
  } catch {
    return undefined;
  }
}
