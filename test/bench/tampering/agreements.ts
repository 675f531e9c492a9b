// Every document under an agreement, altered everywhere, shown to the verifier that a gateway, an agent and the registry use.

import type { Signed } from '@interlock/domain';
import { canonicalBytes, parseCanonical, signDocument } from '@interlock/proof';
import { NOW } from '@interlock/testkit/builders';
import { alterations } from './alter.js';
import { honestTargets } from './every-kind.js';
import { aWorld, type Target, type World } from './make-target.js';
import { codeOf, type Tampered, type TamperingArea } from './tampering.js';

interface Whole extends World {
  readonly targets: readonly Target[];
}

let made: Promise<Whole> | undefined;
const whole = (): Promise<Whole> => {
  made ??= aWorld().then(async (world) => ({ ...world, targets: await honestTargets(world) }));
  return made;
};

async function* over(each: (target: Target, world: Whole) => AsyncIterable<Tampered>): AsyncIterable<Tampered> {
  const world = await whole();
  for (const target of world.targets)
    for await (const { what, refused } of each(target, world)) yield { what: `${target.name} ${what}`, refused };
}

async function* everyField({ real, verify }: Target): AsyncIterable<Tampered> {
  for (const { at, value } of alterations(real.document))
    yield { what: at, refused: await codeOf(verify({ ...real, document: value })) };
}

/** Canonical, where the value has a canonical form at all. */
function spelling(value: unknown): Buffer {
  try {
    return canonicalBytes(value);
  } catch {
    return Buffer.from(JSON.stringify(value));
  }
}

type Block = Signed<unknown>['signatures'][number];
const withBlock = (real: Signed<unknown>, at: number, block: Block) => ({
  ...real,
  signatures: real.signatures.map((own, nth) => (nth === at ? block : own)),
});

/** Alg, typ, kid, issuer and time of every signature; the header is what JWS protects, so each of them must cost the signature. */
async function* everyHeader({ real, verify }: Target): AsyncIterable<Tampered> {
  for (const [at, block] of real.signatures.entries()) {
    const fields = parseCanonical(Buffer.from(block.protected, 'base64url'));
    if (!fields.allowed) throw new Error('an honest header is canonical');
    const more = [
      { at: 'alg none', value: { ...(fields.value as object), alg: 'none' } },
      { at: 'alg HS256', value: { ...(fields.value as object), alg: 'HS256' } },
      { at: 'alg of another key', value: { ...(fields.value as object), alg: 'ES256' } },
      { at: 'key brought along', value: { ...(fields.value as object), jwk: {} } },
      { at: 'critical extension', value: { ...(fields.value as object), crit: ['b64'], b64: false } },
    ];
    for (const altered of [...alterations(fields.value), ...more]) {
      const head = spelling(altered.value).toString('base64url');
      const code = await codeOf(verify(withBlock(real, at, { ...block, protected: head })));
      yield { what: `signature ${at} header ${altered.at}`, refused: code };
    }
  }
}

/** Every byte of every signature, and its spelling. */
async function* everySignature({ real, verify }: Target): AsyncIterable<Tampered> {
  for (const [at, block] of real.signatures.entries()) {
    const bytes = Buffer.from(block.signature, 'base64url');
    for (let nth = 0; nth < bytes.length; nth += 1) {
      const flipped = Buffer.from(bytes);
      flipped[nth] = (flipped[nth] ?? 0) ^ (1 << (nth % 8));
      const code = await codeOf(verify(withBlock(real, at, { ...block, signature: flipped.toString('base64url') })));
      yield { what: `signature ${at} byte ${nth}`, refused: code };
    }
    const spelt = [`${block.signature}=`, ` ${block.signature}`, block.signature.slice(1), `${block.signature}AA`, ''];
    for (const signature of spelt)
      yield {
        what: `signature ${at} spelt`,
        refused: await codeOf(verify(withBlock(real, at, { ...block, signature }))),
      };
    const without = { ...real, signatures: real.signatures.filter((_own, nth) => nth !== at) };
    yield { what: `without signature ${at}`, refused: await codeOf(verify(without)) };
  }
}

/** Signed rightly by every key that is not for it, of either company. */
async function* everyOtherKey({ real, verify }: Target, { right: { who } }: Whole): AsyncIterable<Tampered> {
  const holders = [who.technician, who.approver, who.vendorAgent, who.buyerAgent, who.gateway].map((one) => one.signer);
  const companies = [who.vendor, who.buyer].flatMap(({ root, certify, agreement }) => [root, certify, agreement]);
  const kids = real.signatures.map((block) => JSON.parse(Buffer.from(block.protected, 'base64url').toString()).kid);
  for (const signer of [...holders, ...companies]) {
    if (kids.includes(signer.kid)) continue;
    const block = await signDocument(real.document as Parameters<typeof signDocument>[0], signer, NOW);
    for (const at of real.signatures.keys())
      yield { what: `signed at ${at} by ${signer.kid}`, refused: await codeOf(verify(withBlock(real, at, block))) };
  }
}

/** Each kind shown where another is asked for. */
async function* everyOtherKind({ real, door }: Target, { targets }: Whole): AsyncIterable<Tampered> {
  for (const other of targets) {
    if (other.real.document.typ === real.document.typ) continue;
    const oneDoor = door !== undefined && door === other.door;
    if (!oneDoor) yield { what: `shown as ${other.name}`, refused: await codeOf(other.verify(real)) };
    const renamed = { ...real, document: { ...real.document, typ: other.real.document.typ } };
    yield { what: `renamed to ${other.name}`, refused: await codeOf(other.verify(renamed)) };
    const borrowed = { ...other.real, signatures: real.signatures };
    yield { what: `signature lent to ${other.name}`, refused: await codeOf(other.verify(borrowed)) };
  }
}

const DAY = 86_400_000;
const TIMES = Array.from({ length: 20 }, (_none, at) => (2 + 20 * at) * DAY);

/** Before it was signed, and long after. What only narrows may come late, and of what is published whoever reads it asks for the newest. */
async function* everyTime({ late, early, real, verify }: Target): AsyncIterable<Tampered> {
  const after = late ? [] : TIMES.map((time) => time + 120 * DAY);
  const before = early ? [] : [-3_600_000, -61_000];
  for (const shift of [...TIMES.map((time) => -time), ...before, ...after])
    yield { what: `judged ${shift} ms away`, refused: await codeOf(verify(real, NOW + shift)) };
}

export const agreements: TamperingArea = {
  fields: () => over(everyField),
  headers: () => over(everyHeader),
  signatures: () => over(everySignature),
  keys: () => over(everyOtherKey),
  kinds: () => over(everyOtherKind),
  times: () => over(everyTime),
};
