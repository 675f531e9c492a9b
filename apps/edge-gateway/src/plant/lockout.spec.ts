import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder } from '../../test/two-sides.js';
import { lockout } from './lockout.js';

let folder: ReturnType<typeof aFolder>;
let file: string;
beforeEach(() => {
  folder = aFolder();
  file = join(folder.path, 'lockout');
});
afterEach(() => folder[Symbol.dispose]());

describe('a lock-out', () => {
  it('is not set in a new folder', () => expect(lockout(folder.path).isSet()).toBe(false));

  it('outlives every restart until it is lifted', () => {
    lockout(folder.path).set('somebody is inside the press');
    expect(lockout(folder.path).isSet()).toBe(true);
    const again = lockout(folder.path);
    again.lift();
    expect([again.isSet(), lockout(folder.path).isSet()]).toEqual([false, false]);
  });

  it('needs no more space on the disk than it has from the start', () => {
    const one = lockout(folder.path);
    const before = statSync(file);
    one.set('ü'.repeat(500));
    const after = statSync(file);
    expect([after.size, after.ino]).toEqual([before.size, before.ino]);
    expect(lockout(folder.path).isSet()).toBe(true);
  });

  it.each([
    ['empty', () => truncateSync(file, 0)],
    ['half written', () => writeFileSync(file, 'opeked')],
    ['garbage', () => writeFileSync(file, Buffer.from([0, 255, 254]))],
    ['of a state nobody knows', () => writeFileSync(file, 'opened')],
  ])('counts as set when its file is %s', (_what, damage) => {
    lockout(folder.path);
    damage();
    expect(lockout(folder.path).isSet()).toBe(true);
  });

  it('says in its file why it was set', () => {
    lockout(folder.path).set('maintenance');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ locked: true, reason: 'maintenance' });
  });
});
