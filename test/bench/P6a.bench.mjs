// P6a: sealed telemetry of 1 kB through the bus, from the publisher's account over the region account to the recipient's,
// against the same server, the same kind of stream and the same clients inside one account. Stored in files both times.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as bus from '@interlock/bus';
import { busAuthenticator, newNkey } from '@interlock/proof';
import { findNatsServer, openCacheFolder } from '@interlock/trial';
import { connect } from '@nats-io/transport-node';
import { openRaw } from './peers/raw-nats.mjs';

const quick = process.argv.includes('--quick');
const MESSAGES = quick ? 20_000 : 100_000;
const ROUNDS = quick ? 2 : 5;
const BYTES = 1_000;
const WINDOW = 1_000;
/** A publisher asks for every tenth acknowledgement: its stream counts in ones, so a lost message shows in the next number. */
const ACKNOWLEDGE_EVERY = 10;
const seconds = () => Math.floor(Date.now() / 1000);
const started = performance.now();

const dir = mkdtempSync(join(tmpdir(), 'interlock-p6a-'));
const keys = bus.regionKeys(randomBytes(32));
const newKey = () => newNkey('user');
const binary = await findNatsServer(openCacheFolder(), (line) => console.error(line), {
  configured: process.env.INTERLOCK_NATS_SERVER,
});
const trust = bus.establishBusTrust(newNkey('operator'), keys, seconds());
const settings = { serverName: 'p6a', region: 'eu', host: '127.0.0.1', port: -1, storeDir: join(dir, 'store') };
const limits = { portsFileDir: dir, maxFileBytes: 20e9, syncAlways: false, maxConnections: 100 };
writeFileSync(join(dir, 'bus.conf'), bus.busServerConfig({ ...settings, ...limits }, trust));
const server = spawn(binary, ['-c', join(dir, 'bus.conf')], { stdio: 'ignore' });
process.on('exit', () => {
  server.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

async function listening() {
  const file = join(dir, `nats-server_${server.pid}.ports`);
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes('nats://')) {
    if (server.exitCode !== null) throw new Error('nats-server ended at once');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return Number(/:(\d+)"/.exec(readFileSync(file, 'utf8'))[1]);
}
const port = await listening();

function broker(role) {
  const key = newKey();
  const jwt = () => bus.issueBrokerUser(role, keys, key.publicKey, seconds(), 900);
  const authenticator = busAuthenticator(jwt, key);
  return connect({ servers: `127.0.0.1:${port}`, authenticator, inboxPrefix: bus.inboxPrefix(key.publicKey) });
}

const names = Array.from({ length: (ROUNDS + 1) * 2 }, (_, round) => `agr_${round}`);
const plan = bus.compileBus(
  {
    region: 'eu',
    agreements: names.map((agreementId) => ({
      ...{ agreementId, agreementDigest: `sha256:${agreementId}`, organisations: ['plant.example', 'vendor.example'] },
      flows: [
        {
          ...{ flowId: 'loads', region: 'eu', publisher: { organisation: 'plant.example', gateway: 'gate' } },
          ...{ recipients: ['vendor.example'], maxBytes: 1e9, retentionSeconds: 3_600 },
        },
      ],
    })),
  },
  (name) => keys.accountKeys(name).publicKey,
);
const system = await broker('reconciler');
const maker = await broker('maker');
const ask = { plan, keys, servers: { system, count: 1 }, maker, replicas: 1, revocations: {}, erase: new Set() };
const made = await bus.reconcile({ ...ask, now: seconds() });
if (!made.allowed || made.value.streams.failed.length > 0) throw new Error(JSON.stringify(made));
await system.close();
await maker.close();

/** The user an agreement gives to this template. */
function acrossAccounts(template) {
  const key = newKey();
  const user = { template, publicKey: key.publicKey, lifeSeconds: 900, rightEndsAt: seconds() + 900 };
  const issued = bus.issueUser(user, keys.accountKeys(template.account).signer, seconds());
  if (!issued.allowed) throw new Error(issued.refusal.code);
  return { key, jwt: issued.value.jwt };
}

/** The same right inside the region account, where stream and durable are. */
function oneAccount(allow) {
  const key = newKey();
  const body = {
    ...{ issuer_account: keys.regionAccount.publicKey, pub: { allow } },
    ...{ sub: { allow: [`${bus.inboxPrefix(key.publicKey)}.>`] }, subs: 16, data: -1, payload: -1 },
    allowed_connection_types: ['STANDARD'],
  };
  const claims = { name: 'plain', sub: key.publicKey, iat: seconds(), exp: seconds() + 900, nats: body };
  return { key, jwt: bus.signUserJwt(claims, keys.regionAccount.signer) };
}

/** Publishes with acknowledgement, at most `WINDOW` unanswered, while the other end pulls and acknowledges each. */
async function carry(from, subject, to, next) {
  const payload = randomBytes(BYTES);
  const answers = `${bus.inboxPrefix(from.key.publicKey)}.a`;
  const inbox = `${bus.inboxPrefix(to.key.publicKey)}.m`;
  const message = (reply) =>
    Buffer.concat([Buffer.from(`PUB ${subject} ${reply}${BYTES}\r\n`), payload, Buffer.from('\r\n')]);
  const silent = Array(ACKNOWLEDGE_EVERY - 1).fill(message(''));
  const group = Buffer.concat([...silent, message(`${answers} `)]);
  const many = new Map();
  const burst = (count) => {
    const made = many.get(count) ?? Buffer.concat(Array(count / ACKNOWLEDGE_EVERY).fill(group));
    many.set(count, made);
    return made;
  };
  const pullBody = JSON.stringify({ batch: 256, expires: 30e9 });
  const pull = `PUB ${next} ${inbox} ${pullBody.length}\r\n${pullBody}\r\n`;
  let sent = 0;
  let stored = 0;
  let delivered = 0;
  let done;
  const all = new Promise((resolve) => {
    done = resolve;
  });
  const publish = (publisher) => {
    const room = Math.min(WINDOW - (sent - stored), MESSAGES - sent);
    if (room < 100 && sent + room < MESSAGES) return;
    sent += room;
    if (room > 0) publisher.write(burst(room));
  };
  let acks = '';
  const flush = () => {
    recipient.write(acks);
    acks = '';
  };
  const recipient = await openRaw({
    ...{ port, ...to },
    on: (line) => {
      const ack = line.split(' ')[3];
      if (!ack?.startsWith('$JS.ACK')) return;
      delivered++;
      if (acks === '') queueMicrotask(flush);
      acks += `PUB ${ack} 4\r\n+ACK\r\n`;
      if (delivered % 256 === 0) acks += pull;
      if (delivered === MESSAGES) done();
    },
  });
  const publisher = await openRaw({
    port,
    ...from,
    on: () => {
      stored += ACKNOWLEDGE_EVERY;
      publish(publisher);
    },
  });
  recipient.write(`SUB ${inbox} 1\r\n${pull}${pull}${pull}${pull}`);
  publisher.write(`SUB ${answers} 1\r\n`);
  const begun = performance.now();
  publish(publisher);
  await all;
  const rate = MESSAGES / ((performance.now() - begun) / 1000);
  publisher.destroy();
  recipient.destroy();
  return rate;
}

const of = (agreementId, role) => plan.templates.find((each) => each.agreementId === agreementId && each.role === role);
const rates = { across: [], plain: [] };
const runs = {
  across: (agreementId) => {
    const [publisher, recipient] = [of(agreementId, 'publisher'), of(agreementId, 'recipient')];
    const ends = [acrossAccounts(publisher), acrossAccounts(recipient)];
    return carry(ends[0], publisher.flows[0].subject, ends[1], recipient.pulls[0].next);
  },
  plain: (agreementId) => {
    const { storedSubject } = of(agreementId, 'publisher').flows[0];
    const { next, ack } = of(agreementId, 'recipient').pulls[0];
    return carry(oneAccount([storedSubject]), storedSubject, oneAccount([next, ack]), next);
  },
};
for (const [turn, agreementId] of names.entries()) {
  // Turns alternate, and which goes first alternates too: across, plain, plain, across, ...
  const kind = [1, 2].includes(turn % 4) ? 'plain' : 'across';
  const rate = await runs[kind](agreementId);
  console.error(`${kind}: ${Math.round(rate)} messages/s`);
  if (turn > 1) rates[kind].push(rate);
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const [perSecond, plainPerSecond] = [median(rates.across), median(rates.plain)].map(Math.round);
console.log(
  JSON.stringify({
    id: 'P6a',
    figures: { perSecond, plainPerSecond, ratio: Number((perSecond / plainPerSecond).toFixed(3)) },
    conditions: {
      ...{ messages: MESSAGES, rounds: ROUNDS, payloadBytes: BYTES, batch: 1, window: WINDOW, cores: cpus().length },
      ...{
        durability: 'file streams, written at once, fsync every 10 s, both',
        acknowledged: 'every tenth publish, every delivery',
      },
      payload: 'random bytes, as sealed ones are; sealing itself is P6c',
    },
    peers: { plain: 'same server, stream, durable and clients, publisher and reader inside the one region account' },
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
  }),
);
process.exit(0);
