import { readdirSync } from 'node:fs';
import type { OpeningKey } from '@interlock/client';
import { layout, PIPELINE_ID, readCertificates, readKeyFile } from '@interlock/company-side';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';

/** The pipeline's private opening keys, newest certificate first. Older ones open what was sealed to them before they were renewed. */
export function openingKeys(dir: string): readonly OpeningKey[] {
  const folder = layout(dir).workload(PIPELINE_ID);
  const ends = new Map(
    readCertificates(dir).map(({ document }) => [thumbprintOf(document.key), document.notAfter] as const),
  );
  const keys = readdirSync(folder)
    .filter((name) => /^open(\.\d+)?\.pem$/.test(name))
    .map((name) => readKeyFile(folder, name.slice(0, -'.pem'.length)))
    .map((key) => ({ key, kid: thumbprintOf(publicJwkOf(key)) }));
  return keys.sort((a, b) => (ends.get(b.kid) ?? 0) - (ends.get(a.kid) ?? 0));
}
