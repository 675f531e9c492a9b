import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  formatNote,
  formatVkey,
  NOTE_COSIGNATURE_V1,
  NOTE_ED25519,
  type NoteKey,
  noteKey,
  parseNote,
  parseVkey,
  rawEd25519,
  signNoteText,
  verifyNote,
} from './note.js';

const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/signed-note.json', import.meta.url), 'utf8'),
) as { note: { vkey: string; text: string; signed: string }; checkpoint: { text: string } };

function aSigner(name = 'log.example/agr_1') {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = noteKey(name, NOTE_ED25519, rawEd25519(privateKey));
  if (!key.allowed) throw new Error(key.refusal.code);
  return { key: key.value, privateKey };
}
function keyOf(vkey: string): NoteKey {
  const key = parseVkey(vkey);
  if (!key.allowed) throw new Error(key.refusal.code);
  return key.value;
}

describe('the published note', () => {
  it('parses, verifies, and is written back byte for byte', () => {
    const note = parseNote(vectors.note.signed);
    if (!note.allowed) throw new Error(note.refusal.code);
    expect(note.value.text).toBe(vectors.note.text);
    expect(verifyNote(note.value, keyOf(vectors.note.vkey)).allowed).toBe(true);
    expect(formatNote(note.value)).toBe(vectors.note.signed);
    expect(formatVkey(keyOf(vectors.note.vkey))).toBe(vectors.note.vkey);
  });
  it('any flipped byte fails', () => {
    const bytes = Buffer.from(vectors.note.signed);
    for (let i = 0; i < bytes.length; i += 1) {
      const altered = Buffer.from(bytes);
      altered[i] = (altered[i] as number) ^ 0x04;
      const note = parseNote(altered.toString('utf8'));
      const holds = note.allowed && verifyNote(note.value, keyOf(vectors.note.vkey)).allowed;
      expect([i, holds]).toEqual([i, false]);
    }
  });
});

describe('a note is refused', () => {
  const good = vectors.note.signed;
  const line = good.slice(good.indexOf('\u2014'));
  it.each([
    ['without a signature', `${vectors.note.text}\n`],
    ['without the blank line', `${vectors.note.text}${line}`],
    ['without the final newline', good.slice(0, -1)],
    ['with a trailing space', good.replace('=\n', '= \n')],
    ['with a carriage return', good.replaceAll('\n', '\r\n')],
    ['with a tab in the text', good.replace('you think', 'you\tthink')],
    ['with a hyphen for the dash', good.replace('\u2014', '-')],
    ['with two spaces', good.replace('PeterNeumann ', 'PeterNeumann  ')],
    ['with unpadded base64', good.replace('=\n', '\n')],
    ['with stray bits in the last character', good.replace('JnAM=', 'JnAN=')],
    ['with url base64', good.replace('x08go/Z', 'x08go_Z')],
    ['with a plus in the name', good.replace('PeterNeumann', 'Peter+Neumann')],
    ['with an extra empty line at the end', `${good}\n`],
    ['with a line that is no signature', `${good}and more\n`],
    ['with seventeen signatures', `${vectors.note.text}\n${line.repeat(17)}`],
    ['with a lone surrogate', good.replace('you think', 'you \ud800hink')],
    ['when empty', ''],
  ])('%s', (_why, text) => expect(parseNote(text)).toMatchObject({ refusal: { code: 'note_malformed' } }));
  it('when it is larger than any checkpoint', () => {
    expect(parseNote(`${'a'.repeat(70_000)}\n\n${line}`)).toMatchObject({ refusal: { code: 'note_too_large' } });
  });
});

describe('a signature counts once and only under its own key', () => {
  const { key, privateKey } = aSigner();
  const text = 'one\n';
  const signature = signNoteText(text, key, privateKey);
  it('verifies under the key that made it', () => {
    expect(verifyNote({ text, signatures: [signature] }, key).allowed).toBe(true);
  });
  it.each([
    ['another key of the same name', [signature], aSigner().key, 'note_signature_missing'],
    ['the same line twice', [signature, signature], key, 'note_signature_repeated'],
    ['no line', [], key, 'note_signature_missing'],
  ] as const)('is refused for %s', (_why, signatures, under, code) => {
    expect(verifyNote({ text, signatures }, under)).toMatchObject({ refusal: { code } });
  });
  it('is refused over another text', () => {
    expect(verifyNote({ text: 'two\n', signatures: [signature] }, key)).toMatchObject({
      refusal: { code: 'note_signature_invalid' },
    });
  });
  it('cannot be made with the private key of somebody else', () => {
    expect(() => signNoteText(text, key, aSigner().privateKey)).toThrow('does not sign notes as');
  });
});

describe('a verifier key text', () => {
  const vkey = vectors.note.vkey;
  it('round-trips for both types', () => {
    for (const type of [NOTE_ED25519, NOTE_COSIGNATURE_V1] as const) {
      const key = noteKey('witness.example/w', type, aSigner().key.publicKey);
      expect(key.allowed && parseVkey(formatVkey(key.value))).toMatchObject({ allowed: true, value: { type } });
    }
  });
  it.each([
    ['another name', vkey.replace('Peter', 'Paul')],
    ['another id', vkey.replace('c74f', 'c74e')],
    ['upper-case hex', vkey.replace('c74f20a3', 'C74F20A3')],
    ['an unknown type', vkey.replace('+ARpc', '+CRpc')],
    ['a short key', vkey.slice(0, -4)],
    ['a space', `${vkey} `],
  ])('is refused with %s', (_why, text) => {
    expect(parseVkey(text)).toMatchObject({ refusal: { code: 'note_key_malformed' } });
  });
});
