import type { AuditAnswer } from '@interlock/contracts';
import type { Agreement, EvidenceRecord } from '@interlock/domain';
import { aRight, BUYER, NOW, type Right } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalBytes } from './canonical-json.js';
import { newPrivateKey } from './keys.js';
import {
  appendLeaves,
  cosign,
  emptyFrontier,
  encodeBase64,
  formatCheckpointText,
  formatSignatureLine,
  frontierRoot,
  hashLeaf,
  logNoteKey,
  type NoteKey,
  proveInclusion,
  rawEd25519,
  signCheckpoint,
  witnessNoteKey,
} from './log/index.js';
import { logReader, verifyLogAnswer } from './log-answer.js';
import { trust } from './trust.js';

let right: Right;
let answer: AuditAnswer;
let ring: Parameters<typeof logReader>[1];
let log: NoteKey;
let onlyVendor: string;

const recordOf = (at: number): EvidenceRecord => ({
  ...{ v: 1, id: `evd_0123456789abcdefghjkmnpqr${at}`, log: right.agreement.id, kind: 'session.opened' },
  ...{ outcome: 'allow', at: NOW + at, source: `${BUYER}/plant-gateway`, organisation: BUYER },
  ...{ subject: null, resource: null, agreement: null, grant: null, session: null, clause: null, code: null },
  ...{ approvers: [], region: null, recipients: [], documents: [], count: 0, correlation: null },
});

beforeAll(async () => {
  right = await aRight();
  const { vendor, buyer, pins } = right.who;
  const witnesses = [
    await vendor.holder('witness', 'witness', ['witness']),
    await buyer.holder('witness', 'witness', ['witness']),
  ];
  const certificates = witnesses.map((one) => one.certificate);
  const known = await trust([vendor.entity, buyer.entity], certificates, pins, NOW);
  if (!known.allowed) throw new Error(known.refusal.code);
  ring = known.value;
  const records = [0, 1, 2, 3, 4].map(recordOf);
  const nodes = new Map<string, Uint8Array>();
  const leaves = records.map((record) => hashLeaf(canonicalBytes(record)));
  const frontier = appendLeaves(emptyFrontier(), leaves, (at, hash) => nodes.set(`${at.level}/${at.index}`, hash));
  const logKey = newPrivateKey();
  const made = logNoteKey('broker.example', right.agreement.id, rawEd25519(logKey));
  if (!made.allowed) throw new Error('log key');
  log = made.value;
  const checkpoint = { origin: log.name, size: 5, root: frontierRoot(frontier) };
  const text = formatCheckpointText(checkpoint);
  const lines = witnesses.map(({ key, signer }) => {
    const note = witnessNoteKey(signer.organisation, rawEd25519(key));
    if (!note.allowed) throw new Error('witness key');
    return formatSignatureLine(cosign(text, note.value, key, NOW / 1000));
  });
  const signed = signCheckpoint(checkpoint, log, logKey);
  onlyVendor = signed + lines[0];
  const read = ({ level, index }: { level: number; index: number }) => nodes.get(`${level}/${index}`) as Uint8Array;
  const proofOf = (index: number) => {
    const proof = proveInclusion(index, 5, read);
    if (!proof.allowed) throw new Error(proof.refusal.code);
    return proof.value.map(encodeBase64);
  };
  answer = {
    filter: { log: right.agreement.id, limit: 200 },
    treeSize: 5,
    checkpoint: signed + lines.join(''),
    rows: [
      { index: 1, record: records[1] as EvidenceRecord, proof: proofOf(1) },
      { index: 3, record: records[3] as EvidenceRecord, proof: proofOf(3) },
    ],
    next: null,
  };
});

const verify = (given: AuditAnswer, agreement: Agreement = right.agreement) =>
  verifyLogAnswer(given, right.agreement.id, logReader(agreement, ring, log));

describe('an answer of an audit service', () => {
  it('is accepted with every row at its place in the tree that both sides cosigned', () => {
    expect(verify(answer)).toMatchObject({
      allowed: true,
      value: {
        checkpoint: { size: 5 },
        cosigned: [right.who.vendor.organisation, BUYER],
        rows: [{ index: 1 }, { index: 3 }],
      },
    });
  });

  it('is refused for a changed row, a moved row, a row out of order and a row of another log', () => {
    const [first, second] = answer.rows;
    if (!first || !second) throw new Error('two rows');
    const wrong = [
      [{ ...first, record: { ...first.record, outcome: 'deny' as const } }],
      [{ ...first, index: 2 }],
      [second, first],
      [{ ...first, proof: first.proof.slice(1) }],
      [{ ...first, proof: [...first.proof, 'not base64'] }],
    ];
    for (const rows of wrong) {
      expect(verify({ ...answer, rows })).toMatchObject({ allowed: false, refusal: { code: 'evidence_rejected' } });
    }
    const elsewhere = { ...answer, filter: { ...answer.filter, log: 'operator' as const } };
    expect(verify(elsewhere)).toMatchObject({ allowed: false, refusal: { code: 'evidence_rejected' } });
  });

  it('is refused where it says another size than the checkpoint', () => {
    expect(verify({ ...answer, treeSize: 4 })).toMatchObject({ allowed: false });
  });

  it('needs as many sides to have cosigned as the agreement asks for, and all where it is silent', () => {
    const half = { ...answer, checkpoint: onlyVendor };
    const withCosigning = (cosigning: 'none' | 'one' | 'both') => ({
      ...right.agreement,
      terms: right.agreement.terms.map((term) => (term.type === 'evidence' ? { ...term, cosigning } : term)),
    });
    const silent = { ...right.agreement, terms: right.agreement.terms.filter((term) => term.type !== 'evidence') };
    expect(verify(half, silent)).toMatchObject({ allowed: false, refusal: { code: 'not_cosigned' } });
    expect(verify(half, withCosigning('both'))).toMatchObject({ refusal: { code: 'not_cosigned' } });
    expect(verify(half, withCosigning('one'))).toMatchObject({ allowed: true });
  });
});
