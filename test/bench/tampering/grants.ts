// What a right in other hands rests on, altered everywhere: the chain with its delegation, the login proof, the proof of a caller and the DPoP proof, each judged
// by the function that gateway, broker and token endpoint call.

import { decide, type LocalId, type LoginProof, type Signed } from '@interlock/domain';
import {
  canonicalBytes,
  keySigner,
  newPrivateKey,
  type Signer,
  signCallerProof,
  signLoginProof,
  verifyCallerProof,
  verifyChain,
} from '@interlock/proof';
import { aRight, BUYER, type HandedOn, handOn, NOW, VENDOR } from '@interlock/testkit/builders';
import { alterations } from './alter.js';
import { everyField, everyHeader, everyLetter, everySignature, type Place } from './places.js';
import { codeOf, type Tampered, type TamperingArea } from './tampering.js';

const id = (text: string) => text as LocalId;
const self = { organisation: BUYER, resources: [id('press-7')] };
const NOTHING = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };

let made: Promise<HandedOn> | undefined;
const handed = (): Promise<HandedOn> => {
  made ??= aRight().then(async (right) => {
    const own = await handOn(right);
    const honest = await opens(own);
    if (!honest.allowed) throw new Error(`the honest right is refused: ${honest.refusal?.code}`);
    return own;
  });
  return made;
};

/** The whole way of an opening: chain, then decision. */
async function opens({ chain, who, loginProof, claims, leaf }: HandedOn, shown = loginProof) {
  const verified = await verifyChain(chain, who.pins, self, { loginProof: shown }, NOW);
  if (!verified.allowed) return verified;
  const subject = { organisation: VENDOR, kind: 'person' as const, id: claims.sub };
  const ask = { subject, leaf, action: id('ssh'), resource: { owner: BUYER, id: id('press-7') }, session: null };
  return decide(verified.value, ask, NOTHING, NOW);
}

function placesOf(right: HandedOn): readonly Place[] {
  const { chain, who } = right;
  const [delegation] = chain.delegations ?? [];
  const counts = [who.technician, who.approver, who.secondApprover, who.vendorAgent];
  const within = (over: object): HandedOn => ({ ...right, chain: { ...chain, ...over } });
  const listed = (name: 'entities' | 'certificates') =>
    chain[name].flatMap((real, at): Place[] => {
      const used = name === 'entities' || counts.some((one) => one.certificate === real);
      const put = (altered: unknown) => within({ [name]: chain[name].map((own, nth) => (nth === at ? altered : own)) });
      return used ? [{ name: `${name} ${at}`, real, put }] : [];
    });
  return [
    ...listed('entities'),
    ...listed('certificates'),
    { name: 'agreement', real: chain.agreement, put: (altered) => within({ agreement: altered }) },
    { name: 'grant', real: chain.grant, put: (altered) => within({ grant: altered }) },
    {
      ...{ name: 'delegation', real: delegation as Signed<unknown> },
      put: (altered) => within({ delegations: [altered] }),
    },
  ];
}

async function* over(each: (place: Place) => Iterable<{ at: string; value: unknown }>): AsyncIterable<Tampered> {
  for (const place of placesOf(await handed()))
    for (const { at, value } of each(place))
      yield { what: `${place.name} ${at}`, refused: await codeOf(opens(place.put(value) as HandedOn)) };
}

/** Every letter of the login proof; every claim of it altered and signed by the right key, and the honest claims signed by every other key. */
async function* everyProof(): AsyncIterable<Tampered> {
  const right = await handed();
  for (const { at, value } of everyLetter(right.loginProof))
    yield { what: `login proof ${at}`, refused: await codeOf(opens(right, String(value))) };
  const { who, claims } = right;
  for (const { at, value } of alterations(claims)) {
    if (means(claims, value) || !canBeSigned(value)) continue;
    const shown = await signLoginProof(value as LoginProof, who.vendorAgent.signer);
    yield { what: `claims ${at}`, refused: await codeOf(opens(right, shown)) };
  }
  const holders = [who.technician, who.approver, who.buyerAgent, who.gateway].map((one) => one.signer);
  const companies = [who.vendor, who.buyer].flatMap(({ root, certify, agreement }) => [root, certify, agreement]);
  for (const signer of [...holders, ...companies, keySigner(VENDOR, newPrivateKey())])
    yield {
      what: `signed by ${signer.kid}`,
      refused: await codeOf(opens(right, await signLoginProof(claims, signer))),
    };
}

/** Whether it has canonical bytes at all. */
function canBeSigned(value: unknown): boolean {
  try {
    return canonicalBytes(value).length > 0;
  } catch {
    return false;
  }
}

/** What the subject's own company may say as it likes, since nothing rests on it where no re-login was agreed: how, and how long ago, it saw the person. */
function means(claims: LoginProof, altered: unknown): boolean {
  const rests = ({ iss, sub, aud, jkt, grant, exp, iat }: LoginProof) =>
    JSON.stringify({ iss, sub, aud, jkt, grant, exp, iat });
  const whole = (said: unknown): said is LoginProof =>
    typeof said === 'object' &&
    said !== null &&
    JSON.stringify(Object.keys(said).sort()) === JSON.stringify(Object.keys(claims).sort());
  if (!whole(altered)) return false;
  const later = altered.exp > altered.iat && altered.exp - altered.iat <= 900;
  return rests({ ...altered, exp: claims.exp, iat: claims.iat }) === rests(claims) && later;
}

/** A proof of one request: every letter of it, and shown with every other request. */
async function* everyCaller(): AsyncIterable<Tampered> {
  const { who } = await handed();
  const request = {
    method: 'POST',
    target: '/v1/grants?from=1',
    audience: 'https://broker.example',
    body: Buffer.from('{"grant":1}'),
  };
  const proofOf = (signer: Signer) => signCallerProof(request, signer, NOW, 'j'.repeat(22));
  for (const signer of [who.vendorAgent.signer, keySigner(VENDOR, newPrivateKey('P-256'))]) {
    const proof = await proofOf(signer);
    const read = (shown: string, asked = request, now = NOW) => codeOf(verifyCallerProof(shown, asked, now));
    if ((await read(proof)) !== undefined) throw new Error('the honest proof is refused');
    for (const { at, value } of everyLetter(proof))
      yield { what: `caller proof ${at}`, refused: await read(String(value)) };
    for (const name of ['method', 'target', 'audience'] as const)
      for (const { at, value } of alterations(request[name]))
        yield { what: `${name} ${at}`, refused: await read(proof, { ...request, [name]: String(value) }) };
    for (const at of request.body.keys()) {
      const body = Buffer.from(request.body);
      body[at] = (body[at] ?? 0) ^ 1;
      yield { what: `body byte ${at}`, refused: await read(proof, { ...request, body }) };
    }
    for (const now of [NOW - 120_000, NOW + 61_000, NOW + 86_400_000])
      yield { what: `shown at ${now - NOW}`, refused: await read(proof, request, now) };
  }
}

export const grants: TamperingArea = {
  fields: () => over(everyField),
  headers: () => over(everyHeader),
  signatures: () => over(everySignature),
  proofs: everyProof,
  callers: everyCaller,
};
