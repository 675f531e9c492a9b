import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '@interlock/contracts';
import { newPrivateKey, privateKeyToPem } from '@interlock/proof';
import { PROGRAMS } from '@interlock/testkit';
import { type Launched, launch } from '@interlock/trial';

/**
 * The broker's services but the data router, each its own process as it is bundled.
 *
 * @param env what each is started with, beside what they cannot do without
 */
export async function brokerProcesses(env: (name: ServiceName) => Record<string, string>, origin: string) {
  const dir = mkdtempSync(join(tmpdir(), 'interlock-test-broker-'));
  const ticket = join(dir, 'ticket.pem');
  writeFileSync(ticket, privateKeyToPem(newPrivateKey()), { mode: 0o600 });
  const started: Launched[] = [];
  const start = async (name: ServiceName, own: Record<string, string>) => {
    const program = join(PROGRAMS, name, 'main.js');
    if (!existsSync(program)) throw new Error(`${program} is missing; npm test builds it`);
    const spec = { name, program: process.execPath, args: [program], env: { ...env(name), ...own } };
    started.push(await launch({ ...spec, ready: { line: /^\{"ready":/ }, readyWithinMs: 60_000 }));
  };
  // Audit first: its schema holds the door of the evidence logs.
  await start('audit', { LOG_ORIGIN: 'broker.example', LOG_KEY_FILE: join(dir, 'log.pem') });
  await start('trust-registry', { EVIDENCE_REGION: 'eu-1:DE' });
  await Promise.all([
    start('grants', { PUBLIC_ORIGIN: origin, GRANTS_RELAYS: 'relay.example:443', GRANTS_TICKET_KEY_FILE: ticket }),
    start('federation-api', { PORT: new URL(origin).port, PUBLIC_ORIGIN: origin }),
  ]);
  const stop = async () => {
    for (const one of started.reverse()) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const end = async (name: ServiceName) => void (await started.find((one) => one.name === name)?.stop());
  return { stop, end };
}
