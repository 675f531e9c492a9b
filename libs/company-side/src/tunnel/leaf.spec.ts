import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { makeLeaf } from './leaf.js';
import { pinnedContext } from './pinned-tls.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ED25519 = generateKeyPairSync('ed25519').privateKey;
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

describe('a leaf', () => {
  it.each([
    ['Ed25519', ED25519],
    ['P-256', P256],
  ])('wraps exactly the %s key it was given', async (_curve, key) => {
    const leaf = await makeLeaf(key, NOW);
    const certificate = new X509Certificate(leaf.cert);
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(thumbprintOf(publicJwkOf(certificate.publicKey))).toBe(thumbprintOf(publicJwkOf(key)));
    expect(await calculateJwkThumbprint({ ...publicJwkOf(key) })).toBe(thumbprintOf(publicJwkOf(key)));
    expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW);
    expect(Date.parse(certificate.validTo)).toBe(NOW + 86_400_000);
    expect(() => pinnedContext(leaf)).not.toThrow();
  });

  it('names a SPIFFE id where there is one', async () => {
    const { cert } = await makeLeaf(ED25519, NOW, 'spiffe://vendor.example/press-7');
    expect(new X509Certificate(cert).subjectAltName).toBe('URI:spiffe://vendor.example/press-7');
  });

  it('is not made of other keys', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
    await expect(makeLeaf(rsa, NOW)).rejects.toThrow('Ed25519 or P-256');
  });

  it('does not pair with another key', async () => {
    const other = await makeLeaf(generateKeyPairSync('ed25519').privateKey, NOW);
    const one = await makeLeaf(ED25519, NOW);
    expect(() => pinnedContext({ key: one.key, cert: other.cert })).toThrow();
  });
});
