import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestRegion } from '../../../apps/edge-gateway/test/a-region.js';
import { aScanner } from '../../scenarios/a-scanner.js';

/** How long a part is away, at most. Milliseconds. */
const AWAY = 1_500;

/** What looks at the data of a flow, and what carries it on: each can be ended in the middle of its work, and is started again on what it left. */
export async function dataVictims(region: TestRegion) {
  const dir = mkdtempSync(join(tmpdir(), 'interlock-r1-scanner-'));
  const socket = join(dir, 'scanner.sock');
  const stops: (() => Promise<unknown>)[] = [];
  const start = await aScanner(dir, socket, stops);
  let scanner = await start();
  return {
    /** Where the scanner is asked. */
    socket,
    kill: {
      region: async () => {
        await region.kill();
        await pause(Math.random() * AWAY);
        await region.start();
      },
      scanner: async () => {
        await scanner.close();
        await pause(Math.random() * AWAY);
        scanner = await start();
      },
    },
    stop: async () => {
      await scanner.close();
      for (const stop of stops) await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
