import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DOCUMENTS, signed as signedSchema } from '@interlock/contracts';
import type { LocalId } from '@interlock/domain';
import { digestOfBytes, trust, verifyAct, verifyBeat, verifyChain, verifyDocument } from '@interlock/proof';
import { BUYER } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { documentsOfToday, type KeptDocuments } from './kept-documents.js';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const RELEASES = readdirSync(FOLDER).filter((name) => name.startsWith('release-'));
const kept = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as KeptDocuments;

describe.each([...RELEASES, 'today'])('documents of %s', (name) => {
  const read = async () => (name === 'today' ? documentsOfToday() : kept(name));
  const ringOf = async ({ chain, certificates, pins, at }: KeptDocuments) => {
    const ring = await trust(chain.entities, [...chain.certificates, ...certificates], new Map(pins), at);
    if (!ring.allowed) throw new Error(ring.refusal.code);
    return ring.value;
  };
  const self = { organisation: BUYER, resources: ['press-7' as LocalId] };

  it('are a chain from pins to the subject, also through a delegation', async () => {
    const { chain, loginProof, delegated, pins, at } = await read();
    expect(await verifyChain(chain, new Map(pins), self, { loginProof }, at)).toMatchObject({ allowed: true });
    const further = await verifyChain(delegated.chain, new Map(pins), self, delegated, at);
    expect(further).toMatchObject({ allowed: true });
  });

  it('are an act that narrows and a beat that renews', async () => {
    const documents = await read();
    const ring = await ringOf(documents);
    const agreement = documents.chain.agreement.document;
    expect(await verifyAct(documents.act, ring, agreement, documents.at)).toMatchObject({ allowed: true });
    const held = documents.beat.document;
    expect(await verifyBeat(documents.beat, ring, held.receiver, held, documents.at)).toMatchObject({ allowed: true });
  });

  it('are a sealed batch of format 1 and one of format 2', async () => {
    const { batchOfFormat1, batchOfFormat2, gateway, at, ...rest } = await read();
    const ring = await ringOf({ batchOfFormat1, batchOfFormat2, gateway, at, ...rest });
    for (const batch of [batchOfFormat1, batchOfFormat2.head]) {
      expect(signedSchema(DOCUMENTS.batch).safeParse(batch).success).toBe(true);
      const demand = { issuer: gateway.organisation, purpose: 'enforce' } as const;
      expect(await verifyDocument('batch', batch, ring, [demand], at)).toMatchObject({ allowed: true });
    }
    const { head, content } = batchOfFormat2;
    expect(digestOfBytes(Buffer.from(content))).toBe(head.document.content);
  });
});

describe('the documents of a release', () => {
  it('are there for the release before this one, and hold no private key', () => {
    expect(RELEASES).toContain('release-0.1.0.json');
    for (const name of RELEASES) expect(readFileSync(join(FOLDER, name), 'utf8')).not.toMatch(/"d":|PRIVATE/);
  });
});
