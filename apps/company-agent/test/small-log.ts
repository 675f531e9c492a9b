import { createPublicKey } from 'node:crypto';
import { layout, readCompany, readKeyFile } from '@interlock/company-side';
import {
  appendLeaves,
  canonicalBytes,
  cosign,
  emptyFrontier,
  encodeBase64,
  formatSignatureLine,
  frontierRoot,
  type Hash,
  hashLeaf,
  hashNode,
  logNoteKey,
  type NodeAddress,
  parseNote,
  proveConsistency,
  proveInclusion,
  rawEd25519,
  signCheckpoint,
  witnessNoteKey,
} from '@interlock/proof';
import { BROKER, type World } from './world.js';

/** A whole small log, held in memory, signed with the key of the broker of a world. */
export class SmallLog {
  readonly leaves: Hash[] = [];

  constructor(
    readonly name: string,
    private readonly key: World['logKey'],
  ) {}

  add(...entries: readonly unknown[]): this {
    this.leaves.push(...entries.map((entry) => hashLeaf(canonicalBytes(entry))));
    return this;
  }

  readonly read = ({ level, index }: NodeAddress): Hash | undefined => this.node(level, index);

  private node(level: number, index: number): Hash | undefined {
    if (level === 0) return this.leaves[index];
    const [left, right] = [this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1)];
    return left && right && hashNode(left, right);
  }

  note(): string {
    const frontier = appendLeaves(emptyFrontier(), this.leaves);
    const key = logNoteKey(BROKER, this.name, rawEd25519(createPublicKey(this.key)));
    if (!key.allowed) throw new Error(key.refusal.code);
    const checkpoint = { origin: key.value.name, size: this.leaves.length, root: frontierRoot(frontier) };
    return signCheckpoint(checkpoint, key.value, this.key);
  }

  /** The same, with the cosignatures of these companies. */
  cosigned(...sides: readonly World['vendor'][]): string {
    const note = this.note();
    const { text } = mustParse(note);
    const lines = sides.map(({ dir }) => {
      const witness = readKeyFile(layout(dir).keys, 'witness');
      const key = witnessNoteKey(readCompany(dir).settings.organisation, rawEd25519(createPublicKey(witness)));
      if (!key.allowed) throw new Error(key.refusal.code);
      return formatSignatureLine(cosign(text, key.value, witness, Math.floor(Date.now() / 1000)));
    });
    return note + lines.join('');
  }

  since(oldSize: number): string[] {
    const proof = proveConsistency(oldSize, this.leaves.length, this.read);
    return proof.allowed ? proof.value.map(encodeBase64) : [];
  }

  included(index: number): string[] {
    const proof = proveInclusion(index, this.leaves.length, this.read);
    return proof.allowed ? proof.value.map(encodeBase64) : [];
  }
}

export function mustParse(note: string) {
  const parsed = parseNote(note);
  if (!parsed.allowed) throw new Error(parsed.refusal.code);
  return parsed.value;
}
