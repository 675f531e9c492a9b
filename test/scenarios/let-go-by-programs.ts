import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { layout, writeSettings } from '@interlock/company-side';
import { refuse } from '@interlock/domain';
import type { Holder } from '@interlock/testkit/builders';
import { localHand } from '../../apps/edge-gateway/src/plant/local-hand.js';
import { lockout } from '../../apps/edge-gateway/src/plant/lockout.js';
import type { aCollectingPlant } from '../../apps/edge-gateway/test/a-collecting-plant.js';
import { ROOT } from './trial/interlock-up.js';

const PASSPHRASE = 'one that is long enough';

/** One verb of the command line, as a person starts it; throws with what it said where it ends with a fault. */
export async function interlock(...words: string[]): Promise<Record<string, unknown>> {
  const program = join(ROOT, 'dist/apps/cli/main.js');
  const ran = await promisify(execFile)(process.execPath, [program, ...words, '--json']).catch(
    (cause: { readonly stdout?: string; readonly stderr?: string }) => {
      throw new Error(`interlock ${words.join(' ')}: ${cause.stdout}${cause.stderr}`);
    },
  );
  return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/** A company's folder as far as one of its people signs from it: its name, this person's key, its certificate. */
export function folderOf(
  dir: string,
  { id, key, signer, certificate }: Holder,
  brokerOrigin = 'http://127.0.0.1:9',
): void {
  const { person, certificates } = layout(dir);
  for (const one of [person(id), certificates]) mkdirSync(one, { recursive: true, mode: 0o700 });
  const nowhere = 'http://127.0.0.1:9';
  const origins = { agentOrigin: nowhere, brokerOrigin };
  const identityProvider = { issuer: nowhere, clientId: 'interlock-agent' };
  const { organisation } = signer;
  writeSettings(dir, {
    ...{ v: 1, organisation, name: organisation, jurisdiction: 'AT', ...origins, identityProvider, epoch: 1 },
  });
  const locked = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
  writeFileSync(join(person(id), 'key.pem'), key.export({ type: 'pkcs8', format: 'pem', ...locked }), { mode: 0o600 });
  writeFileSync(join(certificates, 'one.json'), JSON.stringify(certificate));
}

/**
 * What a gateway holds is listed at the gateway, signed for by each of these people from the folder of the own company, and brought back to the gateway, all by the shipped
 * command line. Resolves with the list, and with what the gateway answered to each of them.
 */
export async function letGoByPrograms(
  { desk, keeper }: Awaited<ReturnType<typeof aCollectingPlant>>,
  dir: string,
  people: readonly Holder[],
) {
  const state = join(dir, 'gateway', 'state');
  mkdirSync(state, { recursive: true });
  const hand = await localHand({
    ...{ folder: state, port: 0, keeper, desk, lockout: lockout(state), state: () => ({}), onLift: () => undefined },
    lockAll: () => ({ closed: 0, onDisk: true }),
    inputTripped: () => false,
    activate: async () => refuse('not_activated'),
  });
  const secret = join(dir, 'passphrase');
  writeFileSync(secret, PASSPHRASE, { mode: 0o600 });
  const [gateway, held] = [join(dir, 'gateway'), join(dir, 'held.json')];
  try {
    const { findings } = await interlock('quarantine', 'list', gateway, '--out', held);
    const [finding] = findings as { content: string }[];
    const answers: unknown[] = [];
    for (const one of people) {
      const [company, out] = [join(dir, one.signer.organisation), join(dir, `${one.id}.json`)];
      folderOf(company, one);
      const by = ['--company', company, '--person', one.id, '--passphrase-file', secret];
      await interlock('quarantine', 'release', held, finding?.content ?? '', ...by, '--reason', 'a test', '--out', out);
      answers.push(await interlock('quarantine', 'hand', gateway, out));
    }
    return { listed: findings, answers };
  } finally {
    hand.server.closeAllConnections();
    hand.server.close();
  }
}
