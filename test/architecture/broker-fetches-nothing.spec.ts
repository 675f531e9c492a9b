import { describe, expect, it } from '@jest/globals';
import { textOf, trackedFiles } from './repository.js';

const SERVICES = /^apps\/(trust-registry|federation-api|grants|audit)\/src\/.*(?<!\.spec)\.ts$/;
/** Whatever would fetch an address that somebody wrote into a document. */
const FETCHES =
  /(?<![.\w]|async )fetch\(|^import (?!type )[^;]* from '(node:https?|node:net|node:tls|node:dns|undici|axios)(\/promises)?'|\bhttps?\.(get|request)\(/m;

describe('the services that take documents of companies', () => {
  it('fetch no address that a document names: entity documents are brought to them, so none leads into a private network', () => {
    const files = trackedFiles(SERVICES);
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => FETCHES.test(textOf(file)))).toEqual([]);
  });

  it.each(['await fetch(entity.agentOrigin)', "import { request } from 'node:https';", 'https.get(url)'])(
    'would be found with %s',
    (line) => expect(FETCHES.test(line)).toBe(true),
  );
});
