import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { addPin, layout, PIPELINE_ID } from '@interlock/company-side';
import { newPrivateKey } from '@interlock/proof';
import type { Holder, Right } from '@interlock/testkit/builders';
import type { HeldFinding } from '../../apps/cli/src/commands/gateway/local-hand.js';
import { signRelease } from '../../apps/cli/src/commands/quarantine/sign-release.js';
import type { TestRegion } from '../../apps/edge-gateway/test/a-region.js';
import { folderOf, interlock } from './let-go-by-programs.js';

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** Answers a receiving company as the broker does: what stands of the agreement, a user of the bus, and the log, which keeps what is said. */
async function aBroker({ chain, agreement }: Right, region: TestRegion) {
  const said: { readonly kind: string }[] = [];
  const nothing = { acts: [], statusLists: [], verdicts: [], annexes: [], flows: [] };
  const { entities, certificates } = chain;
  const standing = { agreementId: agreement.id, entities, certificates, agreement: chain.agreement, ...nothing };
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = JSON.parse((await textOf(request)) || '{}') as { nkey?: string; kind?: string };
      if (request.url === `/v1/agreements/${agreement.id}/standing`) return standing;
      if (request.url === '/v1/regions/users') return region.recipient(body.nkey ?? '');
      if (request.url === `/v1/audit/holds/${agreement.id}`) return { log: agreement.id, heldBy: [] };
      if (body.kind !== undefined) said.push({ kind: body.kind });
      return { accepted: true };
    };
    void answer().then((found) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(found));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, said, close: () => server.close() };
}

/** The folder of a company that receives, as far as its pipeline opens from it and its people let in. */
function receiverOf(dir: string, { who }: Right, brokerOrigin: string): void {
  folderOf(dir, who.recipient, brokerOrigin);
  const { keys, workload } = layout(dir);
  for (const one of [keys, workload(PIPELINE_ID)]) mkdirSync(one, { recursive: true, mode: 0o700 });
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  writeFileSync(join(keys, 'agent.pem'), newPrivateKey().export(pem), { mode: 0o600 });
  const pipeline = { key: newPrivateKey(), open: who.recipient.key };
  for (const [name, key] of Object.entries(pipeline))
    writeFileSync(join(workload(PIPELINE_ID), `${name}.pem`), key.export(pem), { mode: 0o600 });
  for (const [organisation, root] of who.pins) addPin(dir, organisation, root);
}

/**
 * A file that waits in the region is received, listed, and let in as each of these people signs for it, by the shipped command line of the company that
 * receives it. Resolves with what each said, and with the bytes that were let in.
 */
export async function fileLetInByPrograms(
  right: Right,
  region: TestRegion,
  at: { readonly dir: string; readonly scanner: string; readonly people: readonly Holder[] },
) {
  const broker = await aBroker(right, region);
  const [company, box, held] = [join(at.dir, 'receiver'), join(at.dir, 'box'), join(at.dir, 'held.json')];
  receiverOf(company, right, broker.origin);
  const from = ['--from', `${region.name}=127.0.0.1:${region.port}`, '--store', join(at.dir, 'store'), '--once'];
  const files = ['--files', box, '--scanner', at.scanner];
  try {
    const of = ['--company', company, '--agreement', right.agreement.id];
    const delivered = await interlock('data', 'deliver', ...of, ...from, ...files);
    const listed = await interlock('quarantine', 'list', box, '--company', company, '--out', held);
    const [finding] = listed.findings as HeldFinding[];
    const answers: Record<string, unknown>[] = [];
    for (const one of at.people) {
      const out = join(at.dir, `${one.id}.json`);
      const words = { reason: 'a test', good: 3_600_000 };
      // Signed as "quarantine release" signs, of which another test starts the program.
      const signed = await signRelease(finding as HeldFinding, one.signer, [one.certificate], words, Date.now());
      writeFileSync(out, JSON.stringify(signed));
      answers.push(await interlock('quarantine', 'hand', box, out, '--company', company, '--scanner', at.scanner));
    }
    const path = answers.at(-1)?.path;
    return { delivered, finding, answers, said: broker.said, letIn: path ? readFileSync(String(path)) : undefined };
  } finally {
    broker.close();
  }
}
