import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type AnnexEvidence, type Digest, parseDigest } from '@interlock/domain';
import { InvalidArgumentError } from 'commander';

/**
 * What a statement rests on: `FILE`, or `TITLE=FILE`, or `TITLE=sha256:...` of a document that both can read. Of a file only its digest is signed
 * and sent; the file itself stays where it is.
 */
export function evidenceArgument(text: string): AnnexEvidence {
  const at = text.indexOf('=');
  const what = at < 0 ? text : text.slice(at + 1);
  const known = parseDigest(what);
  if (known) {
    if (at < 1) throw new InvalidArgumentError('a digest needs a title: "audit report=sha256:..."');
    return { title: text.slice(0, at), digest: known };
  }
  try {
    const of = `sha256:${createHash('sha256').update(readFileSync(what)).digest('base64url')}`;
    return { title: at < 0 ? basename(what) : text.slice(0, at), digest: of as Digest };
  } catch {
    throw new InvalidArgumentError(
      `${what} cannot be read, and is no digest; give FILE, TITLE=FILE or TITLE=sha256:...`,
    );
  }
}
