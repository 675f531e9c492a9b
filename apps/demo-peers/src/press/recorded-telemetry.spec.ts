import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pacer, recordedTelemetry } from './recorded-telemetry.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-'));
  file = join(folder, 'recording.txt');
});
afterEach(() => rm(folder, { recursive: true }));

const at = (seconds: number, more = '|a|1') => `${new Date(1_700_000_000_000 + seconds * 1_000).toISOString()}${more}`;

describe('the pace of a recording', () => {
  const waits = (speed: number, lines: readonly string[]) => {
    const pace = pacer(speed);
    return lines.map((line) => Math.round(pace(line, 0)));
  };

  it.each([
    ['keeps the recorded rate', 1, [at(0), at(1), at(1.5)], [0, 1_000, 1_500]],
    ['is divided by the speed', 10, [at(0), at(1), at(3)], [0, 100, 300]],
    [
      'does not wait for a jitter backwards, nor count it twice',
      1,
      [at(0), at(1), at(0.9), at(1.1)],
      [0, 1_000, 1_000, 1_100],
    ],
    [
      'goes on after time ran back to another recording',
      1,
      [at(0), at(900), at(100), at(101)],
      [0, 10_000, 10_000, 11_000],
    ],
    ['cuts a long pause', 1, [at(0), at(7_200)], [0, 10_000]],
    ['does not take the time of an asset', 1, [at(7_200), at(0, '|@ASSET@|x|y|z'), at(7_201)], [0, 0, 1_000]],
    [
      'does not stumble over lines without a time',
      1,
      [at(0), '<xml/>', '* PING', '9999-99-99T99:99:99Z|a|1', at(1)],
      [0, 0, 0, 0, 1_000],
    ],
  ])('%s', (_what, speed, lines, expected) => {
    expect(waits(speed, lines)).toEqual(expected);
  });

  it('does not flood a reader that was slow for long', () => {
    const pace = pacer(1);
    pace(at(0), 0);
    expect(pace(at(1), 60_000)).toBe(1_000);
  });
});

describe('a recording', () => {
  it('plays its lines as they are, again and again, each reader from the first', async () => {
    const lines = [
      at(5),
      at(0),
      `${at(3_600)}`,
      `${at(0, '|@ASSET@|x|y|--multiline--A')}`,
      '<x>|</x>',
      '--multiline--A',
    ];
    await writeFile(file, lines.join('\r\n'));
    const source = await recordedTelemetry(file, 1_000_000);
    for (const _reader of [1, 2]) {
      const stop = new AbortController();
      const heard: string[] = [];
      for await (const line of source.lines(stop.signal)) {
        heard.push(line);
        if (heard.length === 2 * lines.length + 1) stop.abort();
      }
      expect(heard).toEqual([...lines, ...lines, lines[0]]);
    }
  });

  it('that is missing or empty stops the start, and one that becomes empty ends its readers', async () => {
    await expect(recordedTelemetry(file, 1)).rejects.toThrow(/not a readable file/);
    await writeFile(file, '\n\n');
    await expect(recordedTelemetry(file, 1)).rejects.toThrow(/not a readable file/);
    await writeFile(file, at(0));
    const lines = (await recordedTelemetry(file, 1)).lines(new AbortController().signal)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe(at(0));
    await truncate(file);
    await expect(lines.next()).rejects.toThrow(/empty/);
  });
});
