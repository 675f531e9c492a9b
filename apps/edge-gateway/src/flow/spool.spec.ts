import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@interlock/domain';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder } from '../../test/two-sides.js';
import { openSpool } from './spool.js';

let folder: ReturnType<typeof aFolder>;
beforeEach(() => {
  folder = aFolder();
});
afterEach(() => folder[Symbol.dispose]());

const digest = (text: string) => text as Digest;
const names = (spool = openSpool(folder.path)) => spool.waiting().map(({ name }) => Number(name.slice(0, 12)));

describe('a spool', () => {
  it('gives its batches in order, across a restart, until each is done', () => {
    const spool = openSpool(folder.path);
    for (let sequence = 0; sequence < 12; sequence++)
      spool.put(sequence, { text: JSON.stringify({ sequence }), digest: digest(`d${sequence}`) });
    expect(names()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const again = openSpool(folder.path);
    expect([again.size, again.next]).toEqual([12, { sequence: 12, previous: 'd11' }]);
    const first = again.waiting().slice(0, 1);
    again.done(first);
    again.done(first);
    expect([again.size, names()[0]]).toEqual([11, 1]);
  });

  it('gives a number to one batch only, also when a power cut came between a batch and its head', () => {
    const spool = openSpool(folder.path);
    spool.put(0, { text: '{}', digest: digest('first') });
    writeFileSync(join(folder.path, '000000000001.sealed'), `${JSON.stringify({ digest: 'second', events: [] })}\n{}`);
    expect(openSpool(folder.path).next).toEqual({ sequence: 2, previous: 'second' });
  });

  it('knows where the chain stands when every batch is gone', () => {
    const spool = openSpool(folder.path);
    spool.put(0, { text: '{}', digest: digest('first') });
    spool.done(spool.waiting());
    expect(openSpool(folder.path).next).toEqual({ sequence: 1, previous: 'first' });
  });

  it('keeps under its name what is put aside, goes on behind it, and counts on from it', () => {
    const spool = openSpool(folder.path);
    for (const one of [0, 1]) spool.put(one, { text: '{}', digest: digest(`d${one}`) }, [`e${one}`]);
    for (const one of spool.waiting()) spool.setAside(one);
    const again = openSpool(folder.path);
    expect([again.size, again.next, again.seen('e0')]).toEqual([0, { sequence: 2, previous: 'd1' }, true]);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.aside'))).toHaveLength(2);
  });

  it('takes no draft of a killed writer for a batch', () => {
    openSpool(folder.path).put(0, { text: '{}', digest: digest('first') });
    writeFileSync(join(folder.path, '000000000001.sealed.new'), '{"dig');
    expect([names(), openSpool(folder.path).next.sequence]).toEqual([[0], 1]);
  });

  it('does not start a second chain when its head cannot be read', () => {
    openSpool(folder.path).put(0, { text: '{}', digest: digest('first') });
    writeFileSync(join(folder.path, 'head.json'), '{');
    expect(() => openSpool(folder.path)).toThrow();
    rmSync(join(folder.path, 'head.json'));
    expect(openSpool(folder.path).next).toEqual({ sequence: 1, previous: 'first' });
  });

  it('knows an event again while its batch waits, after it is gone, and after a restart in either state', () => {
    const spool = openSpool(folder.path);
    spool.put(0, { text: '{}', digest: digest('first') }, ['a', 'b']);
    expect(['a', 'b', 'c'].map((event) => spool.seen(event))).toEqual([true, true, false]);
    expect(openSpool(folder.path).seen('a')).toBe(true);
    spool.done(spool.waiting());
    expect([spool.seen('a'), openSpool(folder.path).seen('b')]).toEqual([true, true]);
  });
});
