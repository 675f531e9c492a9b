// P6c: sealing at the gateway and opening at the recipient, batches of 64 KiB, against bare AES-256-GCM and Ed25519 of node:crypto on the same bytes.

import { createCipheriv, createDecipheriv, randomBytes, sign, verify } from 'node:crypto';
import { cpus } from 'node:os';
import * as proof from '@interlock/proof';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 4 : 10;
const PER_ROUND = quick ? 60 : 150;
const BYTES = 65_536;
const started = performance.now();
const now = Date.now();
const PLANT = 'delta-foods.example';
const VENDOR = 'alpine-presses.example';
const digest = (text) => proof.digestOf({ text });

const [root, certify, gateway, open] = [undefined, undefined, undefined, 'X25519'].map((curve) =>
  proof.newPrivateKey(curve),
);
const jwk = (key) => proof.publicJwkOf(key);
const signer = (key) => proof.keySigner(PLANT, key);
const entityOf = (organisation) => ({
  ...{ typ: 'entity', v: 1, organisation, name: organisation, sequence: 1, previous: null, root: jwk(root) },
  keys: [{ key: jwk(certify), purposes: ['certify'] }],
  ...{ agentOrigin: 'https://agent.example', identityProviders: [], trustDomain: organisation, jurisdiction: 'NL' },
  ...{ issuedAt: now - 1_000, expiresAt: now + 86_400_000 },
});
const entity = entityOf(PLANT);
const certificate = {
  ...{ typ: 'key-certificate', v: 1, organisation: PLANT, entity: proof.digestOf(entity) },
  ...{ holder: { kind: 'gateway', id: 'plant-gateway' }, key: jwk(gateway), purposes: ['enforce'], groups: [] },
  ...{ guest: false, epoch: null, resources: ['press-7'], notBefore: now - 1_000, notAfter: now + 86_400_000 },
};
const ring = await proof.trust(
  [await proof.signed(entity, signer(root), now - 1_000)],
  [await proof.signed(certificate, signer(certify), now - 1_000)],
  new Map([[PLANT, proof.thumbprintOf(jwk(root))]]),
  now,
);
if (!ring.allowed) throw new Error(JSON.stringify(ring));
const kid = proof.thumbprintOf(jwk(open));
const recipient = { organisation: VENDOR, kid, key: jwk(open) };

/** Observations as a machine gives them, until the batch is as large as it may be. */
function batchOf() {
  const observations = [];
  for (let bytes = 2; bytes < BYTES; ) {
    const one = {
      at: '2026-11-01T08:00:00.123Z',
      key: `press_force_${observations.length % 40}`,
      value: `${Math.random() * 1e3}`,
    };
    observations.push(one);
    bytes += JSON.stringify(Object.values(one)).length + 1;
  }
  return {
    ...{ agreement: digest('a'), grant: digest('g'), flow: 'grt_0123456789abcdefghjkmnpqrs' },
    ...{
      gateway: { organisation: PLANT, id: 'plant-gateway' },
      machine: { owner: PLANT, id: 'press-7' },
      presenter: null,
    },
    ...{ product: 'press-telemetry', region: 'eu-1', sequence: 0, previous: null },
    recipients: [{ organisation: VENDOR, kid }],
    ...{ observations, dropped: 0, receivedAt: now, sealedAt: now },
  };
}
const batch = batchOf();
/** What is sealed of it, without its signed head. */
const bytes = Buffer.from(JSON.stringify(batch.observations.map(Object.values)));

const sealer = signer(gateway);
async function ours() {
  const sealed = (await proof.seal(batch, [recipient], sealer, now)).text;
  const opened = await proof.unseal(JSON.parse(sealed), { organisation: VENDOR, kid, key: open }, ring.value, now);
  if (!opened.allowed) throw new Error(opened.refusal.code);
}

const key = randomBytes(32);
const edPublic = proof.keyObjectOf(jwk(gateway));
function bare() {
  const signature = sign(null, bytes, gateway);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(cipher.getAuthTag());
  const opened = Buffer.concat([decipher.update(sealed), decipher.final()]);
  if (!verify(null, opened, edPublic, signature)) throw new Error('the bare signature does not verify');
}

/** Processor time counts, not the clock: what runs on another core is paid for too. */
async function rate(work) {
  const before = process.cpuUsage();
  for (let at = 0; at < PER_ROUND; at++) await work();
  const { user, system } = process.cpuUsage(before);
  return (bytes.length * PER_ROUND) / (user + system);
}
const rates = { ours: [], bare: [] };
for (let round = 0; round <= ROUNDS; round++) {
  const pair = { ours: await rate(ours), bare: await rate(bare) };
  if (round > 0) for (const name of ['ours', 'bare']) rates[name].push(pair[name]);
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const [mbPerSecond, bareMbPerSecond] = [median(rates.ours), median(rates.bare)].map((value) =>
  Number(value.toFixed(1)),
);
console.log(
  JSON.stringify({
    id: 'P6c',
    figures: { mbPerSecond, bareMbPerSecond, ratio: Number((mbPerSecond / bareMbPerSecond).toFixed(3)) },
    conditions: {
      ...{ batchBytes: bytes.length, observations: batch.observations.length, recipients: 1, rounds: ROUNDS },
      ...{
        perRound: PER_ROUND,
        cores: cpus().length,
        counted: 'MB of content per second of processor time, sealed and opened',
      },
      ours: 'observations to JSON, digest, signed head, JWE to X25519, as text and back to observations, every check of the recipient',
    },
    peers: {
      bare: 'node:crypto AES-256-GCM and Ed25519 over the same bytes, encrypted and decrypted, signed and verified',
    },
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
  }),
);
