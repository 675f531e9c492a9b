import { type Agreement, type Attestation, type EvidenceRecord, evidenceOf, type LocalId } from '@interlock/domain';
import { aRight, BUYER, bothSign, NOW, type Right } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bundle, bundleBytes, cosignersOf, emptyBundle, verifyBundle } from './bundle.js';
import { canonicalBytes, digestOf } from './canonical-json.js';
import { signed } from './envelope.js';
import { newPrivateKey } from './keys.js';
import {
  appendLeaves,
  cosign,
  emptyFrontier,
  formatNote,
  formatTlogProof,
  formatVkey,
  frontierRoot,
  hashLeaf,
  logNoteKey,
  parseNote,
  rawEd25519,
  signCheckpoint,
  witnessNoteKey,
} from './log/index.js';

const id = (text: string) => text as LocalId;
let right: Right;
let bundle: Bundle;

const record = (who: Right): EvidenceRecord =>
  evidenceOf(`${BUYER}/plant-gateway`, 'evd_0123456789abcdefghjkmnpqrs', {
    ...{ log: who.agreement.id, kind: 'session.opened', outcome: 'allow', at: NOW, organisation: BUYER, count: 0 },
    resource: { owner: BUYER, id: 'press-7' as LocalId },
  });

beforeAll(async () => {
  right = await aRight();
  const { vendor, buyer } = right.who;
  const witnesses = [
    await vendor.holder('witness', 'witness', ['witness']),
    await buyer.holder('witness', 'witness', ['witness']),
  ];
  const leaf = record(right);
  const logKey = newPrivateKey();
  const note = logNoteKey('broker.example', right.agreement.id, rawEd25519(logKey));
  if (!note.allowed) throw new Error('log key');
  const tree = appendLeaves(emptyFrontier(), [hashLeaf(canonicalBytes(leaf))]);
  const checkpoint = signCheckpoint({ origin: note.value.name, size: 1, root: frontierRoot(tree) }, note.value, logKey);
  const parsed = parseNote(checkpoint);
  if (!parsed.allowed) throw new Error('note');
  const lines = [vendor, buyer].map((company, at) => {
    const key = witnesses[at]!.key;
    const witness = witnessNoteKey(company.organisation, rawEd25519(key));
    if (!witness.allowed) throw new Error('witness');
    return cosign(parsed.value.text, witness.value, key, NOW / 1000);
  });
  const cosigned = formatNote({ text: parsed.value.text, signatures: [...parsed.value.signatures, ...lines] });
  bundle = {
    ...emptyBundle,
    entities: right.chain.entities,
    certificates: [...right.chain.certificates, ...witnesses.map((one) => one.certificate)],
    agreement: right.chain.agreement,
    grant: right.chain.grant,
    loginProofs: [right.loginProof],
    logKey: formatVkey(note.value),
    evidence: [{ record: leaf, proof: formatTlogProof({ index: 0, path: [], checkpoint: cosigned }) }],
  };
});

describe('a proof bundle', () => {
  it('verifies against the two roots alone and says what it proves', async () => {
    const proven = await verifyBundle(bundleBytes(bundle), right.who.pins);
    expect(proven).toMatchObject({ allowed: true });
    if (proven.allowed)
      expect(proven.value.statements.join('\n')).toMatch(/approved by .*first-approver[\s\S]*cosigned by/);
  });

  it('fails for any altered byte', async () => {
    const bytes = bundleBytes(bundle);
    // A sample over the whole file; the exhaustive run belongs to the tampering torture.
    const survivors: number[] = [];
    for (let at = 0; at < bytes.length; at += 97) {
      const altered = Buffer.from(bytes);
      altered[at] = altered[at] === 0x41 ? 0x42 : 0x41;
      if ((await verifyBundle(altered, right.who.pins)).allowed) survivors.push(at);
    }
    expect(survivors).toEqual([]);
  }, 60_000);

  it('fails against other roots, and without the second witness', async () => {
    const other = await aRight();
    expect(await verifyBundle(bundleBytes(bundle), other.who.pins)).toMatchObject({
      refusal: { code: 'root_mismatch' },
    });
    const proof = bundle.evidence[0]!.proof.trimEnd().split('\n').slice(0, -1).join('\n');
    const one = { ...bundle, evidence: [{ ...bundle.evidence[0]!, proof: `${proof}\n` }] };
    expect(await verifyBundle(bundleBytes(one), right.who.pins)).toMatchObject({
      refusal: { code: 'not_cosigned' },
    });
  });

  it('holds the versions before and what hung on it, each judged when it was signed', async () => {
    const { who, agreement: first } = right;
    const second: Agreement = { ...first, version: 2, previous: digestOf(first) };
    const signedSecond = await bothSign(who, second);
    const attested = await signed(
      {
        ...{
          typ: 'attestation',
          v: 1,
          organisation: BUYER,
          agreementId: first.id,
          control: id('nist-sp-800-207/tenet-1'),
        },
        ...{
          statement: 'met',
          evidence: [{ title: 'a paper', digest: digestOf('paper') }],
          validFrom: NOW,
          validUntil: NOW + 9,
          issuedAt: NOW,
        },
      } as Attestation,
      who.buyer.agreement,
      NOW,
    );
    const whole: Bundle = {
      ...{ ...bundle, agreement: signedSecond, grant: null, loginProofs: [], evidence: [], logKey: null },
      earlier: [right.chain.agreement],
      annexes: [attested],
    };
    const proven = async (over: Partial<Bundle>) => verifyBundle(bundleBytes({ ...whole, ...over }), who.pins);
    const said = await proven({});
    expect(said).toMatchObject({ allowed: true });
    expect(said.allowed && said.value.statements.join()).toMatch(
      /version 1 before it was signed by .* signed attestation/,
    );
    const unsigned = { ...right.chain.agreement, signatures: right.chain.agreement.signatures.slice(1) };
    expect(await proven({ earlier: [unsigned] })).toMatchObject({ refusal: { code: 'signature_missing' } });
    expect(await proven({ earlier: [signedSecond] })).toMatchObject({ refusal: { code: 'bundle_unsupported' } });
    const foreign = { ...right.chain.agreement, document: { ...first, id: `agr_${'1'.repeat(26)}` as never } };
    expect(await proven({ earlier: [foreign] })).toMatchObject({ refusal: { code: 'bundle_unsupported' } });
    const forged = { ...attested, document: { ...attested.document, statement: 'met better' } as Attestation };
    expect(await proven({ annexes: [forged] })).toMatchObject({ refusal: { code: 'bad_signature' } });
    expect(await proven({ agreement: null })).toMatchObject({ refusal: { code: 'bundle_unsupported' } });
  });

  it('counts as many different parties as the agreement asks for, and all where it is silent', () => {
    const terms = right.agreement.terms.filter((term) => term.type !== 'evidence');
    const asking = (cosigning: 'none' | 'one' | 'both') =>
      cosignersOf({
        ...right.agreement,
        terms: [...terms, { type: 'evidence', region: 'eu-1' as LocalId, cosigning, retentionSeconds: 1 }],
      });
    expect([asking('none'), asking('one'), asking('both'), cosignersOf({ ...right.agreement, terms })]).toEqual([
      0, 1, 2, 2,
    ]);
  });
});
