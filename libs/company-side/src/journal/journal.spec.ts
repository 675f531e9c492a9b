import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bundle } from '../../test/bundle.js';
import { type Journal, type JournalLine, openJournal } from './index.js';

const LIMITS = { maxBytes: 1_000_000, reservedBytes: 10_000 };

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const all = async (journal: Journal, from = 1): Promise<JournalLine[]> => {
  const lines: JournalLine[] = [];
  for await (const line of journal.readFrom(from)) lines.push(line);
  return lines;
};
const segments = () =>
  readdirSync(dir)
    .filter((name) => name.startsWith('segment-'))
    .sort();

describe('a journal', () => {
  it('gives every entry a number, chains it to the one before, and has it all after opening again', async () => {
    const journal = await openJournal(dir, LIMITS);
    const written = await Promise.all(['a', 'b', 'c'].map((name) => journal.append({ name })));
    expect(written.map((one) => one.allowed && one.value.sequence)).toEqual([1, 2, 3]);
    await journal.close();
    const again = await openJournal(dir, LIMITS);
    const lines = await all(again);
    expect(lines.map((line) => line.entry)).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(lines.map((line) => line.previous)).toEqual([null, lines[0]?.digest, lines[1]?.digest]);
    expect(again.head).toEqual({ sequence: 3, digest: lines[2]?.digest });
    expect((await all(again, 3)).map((line) => line.sequence)).toEqual([3]);
    await again.close();
  });

  it('refuses ordinary entries at its limit, and still takes a cut from the reserved space', async () => {
    const journal = await openJournal(dir, { maxBytes: 11_500, reservedBytes: 10_000 });
    const filler = { filler: 'x'.repeat(900) };
    expect(await journal.append(filler)).toMatchObject({ allowed: true });
    expect(await journal.append(filler)).toMatchObject({ refusal: { code: 'evidence_unavailable' } });
    expect(await journal.appendUrgent(filler)).toMatchObject({ allowed: true, value: { sequence: 2 } });
    expect(statSync(join(dir, 'reserve.bin')).size).toBe(10_000);
    await journal.close();
  });

  it('writes a cut before ordinary entries that still wait', async () => {
    const journal = await openJournal(dir, LIMITS);
    const first = journal.append({ n: 0 });
    const [ordinary, cut] = await Promise.all([journal.append({ n: 1 }), journal.appendUrgent({ cut: true })]);
    await first;
    expect([ordinary.allowed && ordinary.value.sequence, cut.allowed && cut.value.sequence]).toEqual([3, 2]);
    await journal.close();
  });

  it.each(['{"entry":{},"previous"', '\u0000\u0000\u0000\u0000', '{"entry":1,"previous":null,"sequence":9}\n'])(
    'sets a torn end aside (%j) and goes on after the last whole line',
    async (torn) => {
      const journal = await openJournal(dir, LIMITS);
      await journal.append({ n: 1 });
      await journal.close();
      appendFileSync(join(dir, segments()[0] ?? ''), torn);
      const again = await openJournal(dir, LIMITS);
      expect(await again.append({ n: 2 })).toMatchObject({ allowed: true, value: { sequence: 2 } });
      expect((await all(again)).map((line) => line.entry)).toEqual([{ n: 1 }, { n: 2 }]);
      const aside = readdirSync(dir).filter((name) => name.startsWith('torn-'));
      expect(aside.map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual([torn]);
      await again.close();
    },
  );

  it('is not opened when an entry in an older file was altered or a file is missing', async () => {
    const limits = { ...LIMITS, segmentBytes: 300 };
    const journal = await openJournal(dir, limits);
    for (let n = 0; n < 6; n += 1) await journal.append({ n, filler: 'x'.repeat(100) });
    await journal.close();
    const [first = '', second = ''] = segments();
    const intact = readFileSync(join(dir, first));
    writeFileSync(join(dir, first), intact.toString('utf8').replace('"n":0', '"n":7'));
    await expect(openJournal(dir, limits)).rejects.toThrow(/missing|breaks/);
    writeFileSync(join(dir, first), intact);
    rmSync(join(dir, second));
    await expect(openJournal(dir, limits)).rejects.toThrow('missing');
  });

  it('drops whole files of delivered entries, keeps the chain, and the mark never goes back', async () => {
    const limits = { ...LIMITS, segmentBytes: 300 };
    const journal = await openJournal(dir, limits);
    for (let n = 0; n < 8; n += 1) await journal.append({ n, filler: 'x'.repeat(100) });
    journal.markDelivered(5);
    journal.markDelivered(2);
    expect(journal.dropDelivered()).toBeGreaterThan(0);
    await journal.close();
    const again = await openJournal(dir, limits);
    expect(again.delivered).toBe(5);
    expect((await all(again, again.delivered + 1)).map((line) => line.sequence)).toEqual([6, 7, 8]);
    expect(await again.append({ n: 9 })).toMatchObject({ value: { sequence: 9 } });
    expect(() => again.markDelivered(10)).toThrow('does not exist');
    await again.close();
  });

  it('does not read again what was delivered, whatever the reader was in the middle of', async () => {
    const journal = await openJournal(dir, { ...LIMITS, segmentBytes: 400_000 });
    const filler = 'x'.repeat(70_000);
    for (let n = 1; n <= 9; n += 1) await journal.append({ n, filler });
    const firstOf = async (from: number) => {
      for await (const line of journal.readFrom(from)) return line.sequence;
      return undefined;
    };
    expect(await firstOf(1)).toBe(1);
    journal.markDelivered(1);
    expect(await firstOf(2)).toBe(2);
    // Not delivered: it comes again, and so does everything after it.
    expect((await all(journal, 2)).map((line) => line.sequence)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const [file = ''] = segments();
    // What lies before the mark is not looked at any more, or this would end the reading.
    writeFileSync(join(dir, file), Buffer.concat([Buffer.alloc(100), readFileSync(join(dir, file)).subarray(100)]));
    expect((await all(journal, 2)).map((line) => line.sequence)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    await journal.close();
  });

  it('loses no acknowledged entry when its writer is killed, again and again', async () => {
    const program = bundle(join(import.meta.dirname, '../../test/journal-writer.ts'), join(dir, 'writer.mjs'));
    const folder = join(dir, 'killed');
    const acknowledged = new Map<number, string>();
    for (const until of [25, 60, 95]) {
      const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of createInterface({ input: child.stdout })) {
        const [sequence, digest] = line.split(' ');
        if (digest) acknowledged.set(Number(sequence), digest);
        if (acknowledged.size >= until) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const journal = await openJournal(folder, LIMITS);
    const kept = new Map((await all(journal)).map((line) => [line.sequence, line.digest as string]));
    expect(acknowledged.size).toBeGreaterThanOrEqual(95);
    for (const [sequence, digest] of acknowledged) expect(kept.get(sequence)).toBe(digest);
    await journal.close();
  }, 60_000);
});
