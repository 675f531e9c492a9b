import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, until } from '../../test/two-sides.js';
import { type LockoutInput, watchLockoutInput } from './lockout-input.js';

let folder: ReturnType<typeof aFolder>;
let file: string;
let trips: string[];
let input: LockoutInput;
beforeEach(() => {
  folder = aFolder();
  file = join(folder.path, 'value');
  trips = [];
});
afterEach(() => {
  input.stop();
  folder[Symbol.dispose]();
});
const watch = () => {
  input = watchLockoutInput({ file, released: '1', onTrip: (why) => trips.push(why) });
};

describe('the input with which a plant stops its gateway', () => {
  it('trips once when it is pressed, once more when it is pressed again', async () => {
    writeFileSync(file, '1\n');
    watch();
    writeFileSync(file, '0\n');
    await until('it tripped', () => input.isTripped());
    writeFileSync(file, '1\n');
    await until('it was let go', () => !input.isTripped());
    writeFileSync(file, '0\n');
    await until('it tripped again', () => trips.length === 2);
    expect(trips).toEqual(['the input says stop', 'the input says stop']);
  });

  it('trips when the wire is cut', async () => {
    writeFileSync(file, '1\n');
    watch();
    rmSync(file);
    await until('it tripped', () => trips.length === 1);
    expect(trips).toEqual(['the input cannot be read']);
  });

  it('trips when nobody answers', async () => {
    execFileSync('mkfifo', [file]);
    watch();
    await until('it tripped', () => trips.length === 1);
    expect(trips).toEqual(['the input does not answer']);
    // Ends the read that still waits.
    writeFileSync(file, '');
  });
});
