import { keepPasskey, type PasskeyFile, readPasskeys } from '@interlock/company-side';
import { passkeySignature, publicJwk } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type LocalId,
  type PublicJwk,
  refuse,
  type SignatureBlock,
} from '@interlock/domain';
import { algorithmOf, passkeyChallenge, passkeyFault, relyingParty, thumbprintOf, toBeSigned } from '@interlock/proof';
import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import type { Signable } from '../grants/approve-grant.js';
import { oneTime } from '../login/one-time.js';
import type { Session } from '../login/sessions.js';

/** What a page hands to the browser's authenticator, and the secret by which its answer is known again. */
export interface PasskeyAsk {
  readonly attempt: string;
  /** `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, section 5.1). */
  readonly options: object;
}

/** The agent's side of passkeys: getting to know one, and having a document signed by one. */
export interface PasskeyDesk {
  enrol(session: Session): Promise<PasskeyAsk>;
  enrolled(session: Session, attempt: string, answer: string): Promise<Decision<PasskeyFile>>;
  /** Asks for a signature on exactly this document; undefined where this person has none that is certified and published. */
  ask(session: Session, shown: { readonly document: Signable; readonly digest: Digest }): PasskeyAsk | undefined;
  /** The signature that was asked for; nothing else that a passkey may have signed. */
  signature(session: Session, digest: Digest, attempt: string, answer: string): Decision<SignatureBlock>;
}

/** How long a page waits for the authenticator, in milliseconds. The time of the signature is when the page was made, so it is short. */
export const ANSWER_WITHIN = 5 * 60_000;
const ALGORITHMS = [-7, -8];
const b64 = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(8_000);

const assertion = z.object({
  id: b64,
  response: z.object({ clientDataJSON: b64, authenticatorData: b64, signature: b64 }),
});
/** COSE_Key (RFC 9053, section 7) of the two kinds that sign here, by label. */
const coseKey = z.union([
  z.object({ kty: z.literal(2), crv: z.literal(1), x: z.instanceof(Uint8Array), y: z.instanceof(Uint8Array) }),
  z.object({ kty: z.literal(1), crv: z.literal(6), x: z.instanceof(Uint8Array) }),
]);

interface Question {
  readonly person: LocalId;
  readonly digest: Digest;
  readonly passkey: PasskeyFile;
  readonly saying: ReturnType<typeof toBeSigned>;
}

export function passkeyDesk(agent: Agent): PasskeyDesk {
  const enrolments = oneTime<{ readonly person: LocalId; readonly challenge: string }>(agent.newSecret, ANSWER_WITHIN);
  const questions = oneTime<Question>(agent.newSecret, ANSWER_WITHIN);
  return {
    enrol: async ({ person }) => {
      const options = await optionsFor(agent, person.id);
      const attempt = enrolments.put({ person: person.id, challenge: options.challenge }, agent.now());
      return { attempt, options };
    },
    enrolled: async ({ person }, attempt, answer) => {
      const begun = enrolments.take(attempt, agent.now());
      if (begun?.person !== person.id) return refuse('not_what_was_shown', { clause: 'passkey' });
      const made = await newPasskey(agent, begun.challenge, answer);
      if (made.allowed) keepPasskey(agent.dir, person.id, made.value);
      return made;
    },
    ask: ({ person }, { document, digest }) => {
      const passkey = certifiedPasskeys(agent, person.id)[0];
      const alg = passkey && algorithmOf(passkey.key);
      if (!passkey || !alg) return undefined;
      const signer = { alg, kid: thumbprintOf(passkey.key), organisation: agent.organisation };
      const saying = toBeSigned(document, signer, agent.now());
      const attempt = questions.put({ person: person.id, digest, passkey, saying }, agent.now());
      const allowCredentials = [{ id: passkey.credential, type: 'public-key' }];
      const options = { challenge: passkeyChallenge(saying.input), rpId: relyingParty(agent.origin), allowCredentials };
      return { attempt, options: { ...options, userVerification: 'required', timeout: ANSWER_WITHIN } };
    },
    signature: ({ person }, digest, attempt, answer) => {
      const asked = questions.take(attempt, agent.now());
      if (asked?.person !== person.id || asked.digest !== digest)
        return refuse('not_what_was_shown', { clause: 'passkey' });
      return answerTo(agent, asked, answer);
    },
  };
}

const optionsFor = (agent: Agent, person: LocalId) =>
  generateRegistrationOptions({
    rpName: agent.company().settings.name,
    rpID: relyingParty(agent.origin),
    userName: person,
    attestationType: 'none',
    authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: readPasskeys(agent.dir, person).map(({ credential }) => ({ id: credential })),
    timeout: ANSWER_WITHIN,
  });

async function newPasskey(agent: Agent, challenge: string, answer: string): Promise<Decision<PasskeyFile>> {
  const bad = refuse('malformed', { clause: 'passkey' });
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: JSON.parse(answer) as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: new URL(agent.origin).origin,
      expectedRPID: relyingParty(agent.origin),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    const key = verified ? jwkOf(registrationInfo.credential.publicKey) : undefined;
    if (!verified || !key) return bad;
    const { id, counter } = registrationInfo.credential;
    return allow({ credential: id, key, counter, addedAt: agent.now() });
  } catch {
    // The package says by an exception what does not hold; whoever made this answer learns no more than that.
    return bad;
  }
}

function jwkOf(cose: Uint8Array<ArrayBuffer>): PublicJwk | undefined {
  const labels = decodeCredentialPublicKey(cose) as unknown as ReadonlyMap<number, unknown>;
  const [kty, crv, x, y] = [1, -1, -2, -3].map((label) => labels.get(label));
  const read = coseKey.safeParse({ kty, crv, x, y });
  if (!read.success) return undefined;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const jwk =
    read.data.kty === 2
      ? { kty: 'EC', crv: 'P-256', x: text(read.data.x), y: text(read.data.y) }
      : { kty: 'OKP', crv: 'Ed25519', x: text(read.data.x) };
  return publicJwk.safeParse(jwk).data;
}

/** Those of this person that the company certified, that have not ended and that the broker knows, the newest first. */
function certifiedPasskeys(agent: Agent, person: LocalId): readonly PasskeyFile[] {
  const certified = new Set(
    agent
      .company()
      .certificates.filter(({ document: { holder, notAfter } }) => holder.id === person && agent.now() < notAfter)
      .map(({ document }) => thumbprintOf(document.key)),
  );
  return readPasskeys(agent.dir, person)
    .map((one) => ({ one, kid: thumbprintOf(one.key) }))
    .filter(({ kid }) => certified.has(kid) && agent.publishedKeys.has(kid))
    .map(({ one }) => one)
    .sort((a, b) => b.addedAt - a.addedAt);
}

const COUNTER_AT = 33;

function answerTo(agent: Agent, { passkey, person, saying }: Question, answer: string): Decision<SignatureBlock> {
  const read = assertion.safeParse(jsonOf(answer));
  if (!read.success) return refuse('malformed', { clause: 'passkey' });
  const { clientDataJSON: clientData, authenticatorData, signature } = read.data.response;
  const block = { form: 'webauthn', protected: saying.protected, authenticatorData, clientData, signature } as const;
  if (!passkeySignature.safeParse(block).success) return refuse('malformed', { clause: 'passkey' });
  const fault = passkeyFault(block, saying.input, passkey.key, agent.origin);
  if (fault) return refuse(fault);
  // Read anew: the same key may have counted on in another window of the browser.
  const known = readPasskeys(agent.dir, person).find(({ credential }) => credential === passkey.credential) ?? passkey;
  const counter = Buffer.from(authenticatorData, 'base64url').readUInt32BE(COUNTER_AT);
  // WebAuthn Level 3, section 7.2, step 22: one that counts and does not count on is one of two.
  if ((counter > 0 || known.counter > 0) && counter <= known.counter) return refuse('passkey_copied');
  keepPasskey(agent.dir, person, { ...known, counter });
  return allow(block);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
