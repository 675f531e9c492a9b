import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalId, Observed, TelemetrySource } from '@interlock/domain';
import mqtt from 'mqtt';
import { fetchFrom } from '../../../apps/edge-gateway/src/flow/fetch-from.js';
import type { Provisioned } from '../../../apps/edge-gateway/src/provisioning.js';
import { until } from '../../scenarios/enclave/an-enclave.js';
import type { DistributionPrograms } from './distribution-programs.js';
import { reachable } from './reachable-port.js';

const TOPIC = 'hall/press-7/force';
const resource = 'press-7' as LocalId;

/** Mosquitto as the plant's broker, a publisher of another maker, and the gateway's pick-up between them: how many of `count` values came, in order. */
export async function fetchedFromMosquitto(
  { mqtt: program, env }: DistributionPrograms,
  folder: string,
  port: number,
  count: number,
): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n`);
  const child = spawn(program, ['-c', config], { env, stdio: 'ignore' });
  process.once('exit', () => child.kill());
  await reachable(port, child);
  const came: Observed[] = [];
  const source: TelemetrySource = {
    via: 'mqtt',
    resource,
    host: '127.0.0.1',
    port,
    topics: [{ topic: TOPIC, key: 'force' }],
  };
  const document = { targets: [], sources: [source] } as unknown as Provisioned['document'];
  const fetched = fetchFrom({ document, mqttPassword: undefined }, resource, {
    minimise: (observed) => {
      came.push(...observed);
      return { leaving: [], dropped: [] };
    },
    ...{ take: () => undefined, now: Date.now },
  });
  const machine = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  // Kept by the broker: whoever subscribes later gets the last of them, so that the pick-up is known to be there.
  await machine.publishAsync(TOPIC, 'begin', { qos: 1, retain: true });
  await until('the gateway has subscribed', () => came.length > 0);
  came.length = 0;
  await Promise.all(Array.from({ length: count }, (_, at) => machine.publishAsync(TOPIC, String(at), { qos: 1 })));
  await until('all of them came', () => came.length >= count, 30_000);
  for (const one of fetched) one.stop();
  await machine.endAsync(true);
  child.kill();
  return came.filter(({ value }, at) => value === String(at)).length;
}
