import { BUYER, NOW } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { signCallerProof, verifyCallerProof } from './caller-proof.js';
import { keySigner, newPrivateKey, publicJwkOf } from './keys.js';
import { verifyDpop } from './oauth-proof.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const url = 'https://broker.example/oauth/token';
const request = { method: 'POST', target: '/v1/grants', audience: 'https://broker.example', body: new Uint8Array() };

describe('a proof of possession', () => {
  it.each(['Ed25519', 'P-256'] as const)('with %s has one spelling: no other last letter is taken', async (curve) => {
    const key = newPrivateKey(curve);
    const caller = await signCallerProof(request, keySigner(BUYER, key), NOW, 'j'.repeat(22));
    const header = { typ: 'dpop+jwt', alg: curve === 'P-256' ? 'ES256' : 'EdDSA', jwk: { ...publicJwkOf(key) } };
    const claims = { jti: 'j'.repeat(22), htm: 'POST', htu: url, iat: NOW / 1000 };
    const dpop = await new SignJWT(claims).setProtectedHeader(header).sign(key);
    const taken = async (letter: string) => [
      (await verifyCallerProof(`${caller.slice(0, -1)}${letter}`, request, NOW)).allowed,
      (await verifyDpop(`${dpop.slice(0, -1)}${letter}`, { method: 'POST', url }, NOW)).allowed,
    ];
    const said = await Promise.all([...LETTERS].map(taken));
    expect(said.map(([first]) => first).filter(Boolean)).toHaveLength(1);
    expect(said.map(([, second]) => second).filter(Boolean)).toHaveLength(1);
  });
});
