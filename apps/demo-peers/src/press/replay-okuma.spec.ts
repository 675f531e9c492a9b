import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseShdrLine, SHDR_START, type ShdrState } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { startPress } from './start-press.js';

const RECORDING = fileURLToPath(new URL('../../../../../shared/data/mtconnect-okuma-shdr/okuma.txt', import.meta.url));
/** A user's clone has no shared data; with CI set its absence is a failure of the test below. */
const withRecording = existsSync(RECORDING) || process.env.CI === 'true' ? describe : describe.skip;

withRecording('the recorded turn-mill, played by the press', () => {
  it('arrives line by line as it was recorded, twice over, and every line is understood', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-'));
    const settings = join(folder, 'settings.json');
    await writeFile(settings, JSON.stringify({ user: 'service', password: randomBytes(18).toString('hex') }));
    const env = { PRESS_FOLDER: folder, PRESS_SETTINGS_FILE: settings };
    const press = await startPress(['--telemetry', RECORDING, '--speed', '1000000'], env, () => {});
    const recorded = (await readFile(RECORDING, 'utf8')).split('\n').filter((line) => line !== '');
    const socket = connect(Number(press.ready.telemetry), '127.0.0.1');
    const heard: string[] = [];
    let state: ShdrState = SHDR_START;
    for await (const line of createInterface({ input: socket })) {
      heard.push(line);
      const step = parseShdrLine(line, state);
      state = step.state;
      if (!step.parsed.allowed) throw new Error(`${step.parsed.refusal.code}: ${line}`);
      if (heard.length === 2 * recorded.length) break;
    }
    socket.destroy();
    await press.close();
    await rm(folder, { recursive: true });
    expect(heard.length).toBe(2 * recorded.length);
    expect(heard.findIndex((line, i) => line !== recorded[i % recorded.length])).toBe(-1);
  });
});
