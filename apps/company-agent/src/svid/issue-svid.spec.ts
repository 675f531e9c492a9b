import 'reflect-metadata';
import { createHash, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addMachine, initCompany, layout, readCompany, readKeyFile, renewCertificates } from '@interlock/company-side';
import { makeSvidIssuer } from '@interlock/company-side/svid';
import type { LocalId, OrganisationId } from '@interlock/domain';
import {
  CALLER_SCHEME,
  keySigner,
  type Signer,
  signCallerProof,
  thumbprintOf,
  trust,
  verifyX509Svid,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import Fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Agent } from '../agent.js';
import { svidRoutes } from '../http/svid-routes.js';

const ORIGIN = 'https://agent.plant.example';
const organisation = 'plant.example' as OrganisationId;
const PRESS = 'line-3/press-7' as LocalId;
const DAY = 86_400_000;
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

let root: string;
let dir: string;
let now = Date.now();
let app: FastifyInstance;
let press: Signer;
const noted: object[] = [];
const acts: object[] = [];

const ringNow = async () => {
  const { entities, certificates, pins } = readCompany(dir);
  return trust(entities, certificates, pins, now);
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'interlock-svid-'));
  dir = join(root, 'plant');
  const identityProvider = { issuer: 'https://login.plant.example', clientId: 'company-agent' };
  const company = { organisation, name: 'Plant', jurisdiction: 'DE', agentOrigin: ORIGIN, identityProvider };
  await initCompany(dir, { ...company, brokerOrigin: 'https://broker.example', now });
  const { folder } = await addMachine(dir, { id: PRESS, now });
  press = keySigner(organisation, readKeyFile(folder, 'key'));
  const agent = {
    ...{ dir, organisation, origin: ORIGIN, now: () => now, company: () => readCompany(dir) },
    partners: { ring: ringNow },
    refused: { count: () => undefined },
    store: {
      agreements: () => [{ document: { id: 'agr' } }],
      ownActs: () => acts,
      note: async (entry: object) => {
        noted.push(entry);
        return { allowed: true, value: 1 };
      },
    },
  } as unknown as Agent;
  app = Fastify();
  svidRoutes(app, agent);
});
afterAll(async () => {
  await app?.close();
  rmSync(root, { recursive: true, force: true });
});

/** A certificate request of a new key. */
async function aRequest(name = 'CN=whatever it says') {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const made = await Pkcs10CertificateRequestGenerator.create(
    { name, keys, signingAlgorithm: P256 },
    webcrypto as never,
  );
  return { body: Buffer.from(made.rawData), key: KeyObject.from(keys.publicKey) };
}

async function ask(
  body: Buffer,
  signer = press,
  url = '/svids',
  over: { readonly body?: Buffer; readonly audience?: string } = {},
) {
  const jti = createHash('sha256').update(`${Math.random()}`).digest('base64url').slice(0, 22);
  const request = { method: 'POST', target: url, audience: over.audience ?? ORIGIN, body: over.body ?? body };
  const proof = await signCallerProof(request, signer, now, jti);
  const headers = { 'content-type': 'application/pkcs10', authorization: `${CALLER_SCHEME} ${proof}` };
  const answer = await app.inject({ method: 'POST', url, headers, payload: body });
  return { status: answer.statusCode, body: answer.json<Record<string, string>>() };
}

describe('the company’s own issuer', () => {
  it('is there once the company made one', async () => {
    const { body } = await aRequest();
    expect(await ask(body)).toMatchObject({ status: 404, body: { code: 'svid_issuer_missing' } });
    expect((await app.inject('/spiffe-bundle')).statusCode).toBe(404);
    await makeSvidIssuer(dir, now);
    expect((await app.inject('/spiffe-bundle')).json()).toMatchObject({ spiffe_refresh_hint: 300, keys: [{}, {}] });
  });

  it('gives a machine, by its certified key, an X.509-SVID for a key of its own, and writes it down first', async () => {
    const { body, key } = await aRequest();
    const given = await ask(body);
    expect(given).toMatchObject({ status: 200, body: { spiffeId: `spiffe://plant.example/machine/${PRESS}` } });
    const ring = await ringNow();
    const verified = ring.allowed && (await verifyX509Svid(given.body.svid ?? '', organisation, ring.value, now));
    expect(verified).toMatchObject({ value: { subject: { organisation, kind: 'machine', id: PRESS } } });
    const svid = new X509Certificate(Buffer.from(given.body.svid ?? '', 'base64url'));
    expect(svid.publicKey.equals(key)).toBe(true);
    expect(noted.at(-1)).toMatchObject({ kind: 'svid', holder: `machine/${PRESS}` });
    // Whoever knows nothing of us verifies it by the bundle: OpenSSL's own reading of the two certificates.
    const { keys } = (await app.inject('/spiffe-bundle')).json<{
      keys: { use: string; kid?: string; x5c?: string[] }[];
    }>();
    const [ca] = keys.filter(({ use }) => use === 'x509-svid');
    const issuer = new X509Certificate(Buffer.from(ca?.x5c?.[0] ?? '', 'base64'));
    expect([svid.checkIssued(issuer), svid.verify(issuer.publicKey), issuer.ca, ca?.kid]).toEqual([
      true,
      true,
      true,
      undefined,
    ]);
    expect(issuer.subjectAltName).toBe('URI:spiffe://plant.example');
  });

  it('gives a JWT-SVID for one receiver, which an independent reader takes by the bundle', async () => {
    const { body } = await aRequest();
    const { body: given } = await ask(body, press, '/svids?audience=https%3A%2F%2Fanalytics.example');
    const bundle = (await app.inject('/spiffe-bundle')).json<JSONWebKeySet>();
    // Its `use` is SPIFFE's own; the reader knows none but "sig".
    const keys = bundle.keys.filter(({ use }) => use === 'jwt-svid').map(({ use: _, ...key }) => key);
    const read = await jwtVerify(given.jwtSvid ?? '', createLocalJWKSet({ keys }), {
      audience: 'https://analytics.example',
      currentDate: new Date(now),
    });
    expect(read.payload).toMatchObject({ sub: `spiffe://plant.example/machine/${PRESS}`, exp: expect.any(Number) });
    // JWT-SVID, section 2: these headers and no other.
    expect(Object.keys(decodeProtectedHeader(given.jwtSvid ?? '')).sort()).toEqual(['alg', 'kid', 'typ']);
  });

  it('gives none to a stranger, to another request, for another agent, for a request that its key did not sign, or for garbage', async () => {
    const { body } = await aRequest();
    const stranger = keySigner(
      organisation,
      KeyObject.from((await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])).privateKey),
    );
    const other = await aRequest();
    const unsigned = Buffer.from(body);
    unsigned[unsigned.length - 1] = (unsigned.at(-1) ?? 0) ^ 1;
    const refused = async (asked: ReturnType<typeof ask>) => (await asked).body.code;
    expect(await refused(ask(body, stranger))).toBe('caller_unknown');
    expect(await refused(ask(body, press, '/svids', { body: other.body }))).toBe('caller_unknown');
    expect(await refused(ask(body, press, '/svids', { audience: 'https://agent.other.example' }))).toBe(
      'caller_unknown',
    );
    expect(await refused(ask(unsigned))).toBe('malformed');
    expect(await refused(ask(Buffer.from('no request')))).toBe('malformed');
    expect(
      await refused(
        ask(body, keySigner('other.example' as OrganisationId, readKeyFile(layout(dir).machine(PRESS), 'key'))),
      ),
    ).toBe('caller_unknown');
  });

  it('gives none by a key that the company revoked, or whose certificate ended; certified again, the same machine gets one again', async () => {
    const { body } = await aRequest();
    acts.push({ act: { document: { verb: 'revoke', target: { kind: 'key', id: thumbprintOf(press.key) } } } });
    expect(await ask(body)).toMatchObject({ status: 401, body: { code: 'caller_unknown' } });
    acts.length = 0;
    now += 61 * DAY;
    expect(await ask(body)).toMatchObject({ body: { code: 'caller_unknown' } });
    await renewCertificates(dir, now);
    expect(await ask(body)).toMatchObject({
      status: 200,
      body: { spiffeId: `spiffe://plant.example/machine/${PRESS}` },
    });
  });
});
