// Writes the documents of a release into test/upgrade, once, when that release is made.
import { readFileSync, writeFileSync } from 'node:fs';
import { documentsOfToday } from '../upgrade/kept-documents.js';

const began = performance.now();
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const made = await documentsOfToday();
// What a release has written stays as it is: `wx` refuses to write over it.
writeFileSync(`test/upgrade/release-${version}.json`, `${JSON.stringify(made)}\n`, { flag: 'wx' });
console.log(
  JSON.stringify({
    id: 'keep-documents',
    figures: { documents: Object.keys(made).length },
    conditions: { version },
    peers: {},
    seconds: Math.round(performance.now() - began) / 1_000,
  }),
);
