import { describe, expect, it } from '@jest/globals';
import type { LocalId } from './names.js';
import { parseSpiffeId, spiffeIdOf, workloadNamed } from './spiffe-id.js';

const id = (text: string) => text as LocalId;

describe('a SPIFFE ID', () => {
  it('names a machine or a workload of one trust domain, both ways', () => {
    for (const kind of ['machine', 'workload'] as const) {
      const text = spiffeIdOf('plant.example', kind, id('line-3/press-7')) ?? '';
      expect(text).toBe(`spiffe://plant.example/${kind}/line-3/press-7`);
      const read = parseSpiffeId(text);
      expect(read).toEqual({ trustDomain: 'plant.example', path: `/${kind}/line-3/press-7` });
      expect(read && workloadNamed(read)).toEqual({ kind, id: 'line-3/press-7' });
    }
    expect(spiffeIdOf('plant.example', 'machine', id('line-3/./press-7'))).toBeUndefined();
  });

  // SPIFFE ID, section 2: the cases of the standard's own table of what is refused.
  it.each([
    ['of another scheme', 'https://plant.example/machine/press-7'],
    ['in capitals', 'SPIFFE://plant.example/machine/press-7'],
    ['of a trust domain in capitals', 'spiffe://Plant.example/machine/press-7'],
    ['without a trust domain', 'spiffe:///machine/press-7'],
    ['of a trust domain alone', 'spiffe://plant.example'],
    ['with a slash at the end', 'spiffe://plant.example/machine/press-7/'],
    ['of a trust domain with a slash', 'spiffe://plant.example/'],
    ['with an empty segment', 'spiffe://plant.example/machine//press-7'],
    ['with a dot', 'spiffe://plant.example/./press-7'],
    ['with two dots', 'spiffe://plant.example/machine/../press-7'],
    ['with a port', 'spiffe://plant.example:443/machine/press-7'],
    ['with a user', 'spiffe://root@plant.example/machine/press-7'],
    ['with a query', 'spiffe://plant.example/machine/press-7?a=b'],
    ['with a fragment', 'spiffe://plant.example/machine/press-7#a'],
    ['with percent-encoding', 'spiffe://plant.example/machine/press%2d7'],
    ['with a letter of another script', 'spiffe://plant.example/machine/pr\u0435ss-7'],
    ['with more than 2048 bytes', `spiffe://plant.example/machine/${'a'.repeat(2_048)}`],
    ['that is empty', ''],
  ])('is none %s', (_what, text) => {
    expect(parseSpiffeId(text)).toBeUndefined();
  });

  it.each(['/person/technician', '/machine', '/machine/PRESS-7', '/agent/agent'])(
    'of another kind names no subject: %s',
    (path) => {
      expect(workloadNamed({ trustDomain: 'plant.example', path })).toBeUndefined();
    },
  );
});
