import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type AskScanner, makePrivateFolder, readJsonIfThere, writeDurably } from '@interlock/company-side';
import type { ChainDocuments } from '@interlock/contracts';
import {
  type AgreementId,
  type Batch,
  type Digest,
  FILE_KEY,
  type FilePart,
  filePartIn,
  type Instant,
  PART_BYTES,
  type QuarantineRelease,
  type Received,
  type ScanVerdict,
  type Signed,
} from '@interlock/domain';

/** From where a file came, as its first part said. */
export interface FileOrigin extends Received, Pick<Batch, 'flow' | 'presenter'> {
  readonly name: string;
  readonly size: number;
}

/** One person's word that it may be let in, with the certificates that came with it. */
export interface FileRelease {
  readonly release: Signed<QuarantineRelease>;
  readonly certificates: ChainDocuments['certificates'];
}

/** A whole file that waits: its digest is what its parts said and what every word about it names. */
export interface HeldFile extends FileOrigin {
  readonly content: Digest;
  /** When it was whole, or something new was found in it: words over it name this time. */
  readonly foundAt: Instant;
  /** The last word of the scanner over these bytes; null while none answered. */
  readonly verdict: ScanVerdict | null;
  readonly releases: readonly FileRelease[];
}

/**
 * Where files come in. They wait here, whole, and nothing in here hands them to anybody: what is let in lies in `released`, and a person carries it from there.
 */
export interface DropBox {
  readonly agreement: AgreementId;
  /** The batch without the parts of files, which are on this disk when it returns. What cannot be taken is said and dropped. */
  take<Of extends Pick<Batch, 'observations' | 'flow' | 'presenter' | 'product' | 'machine' | 'sealedAt'>>(
    batch: Of,
    now: Instant,
  ): Of;
  held(): readonly HeldFile[];
  bytesOf(content: Digest): Buffer;
  /** Asks about what waits without a verdict. */
  look(scanner: AskScanner): Promise<void>;
  /** What is known of one that waits is replaced. */
  note(file: HeldFile): void;
  /** Puts it where a person takes it from; returns the path. After a crash in here it waits still, or is there and waits no more. */
  letIn(file: HeldFile): string;
  /** Forgets files, whole or not, that may be kept no longer; returns what they were. */
  erase(isOver: (file: FileOrigin) => boolean): readonly Digest[];
}

/** Files that come in at once; who sends more of them has to end some first. */
export const MOST_FILES = 64;
const ABOUT = 'drop-box.json';

/** Under which agreement the files of this folder came; undefined where it is no drop box. */
export const dropBoxAgreement = (dir: string): AgreementId | undefined =>
  (readJsonIfThere(join(dir, ABOUT)) as { agreement: AgreementId } | undefined)?.agreement;

/** @throws if the folder belongs to another agreement */
export function openDropBox(dir: string, agreement: AgreementId, tell: (line: string) => void): DropBox {
  for (const part of ['arriving', 'held', 'released']) makePrivateFolder(join(dir, part));
  const known = dropBoxAgreement(dir);
  if (known !== undefined && known !== agreement) throw new Error(`${dir} is the drop box of ${known}; give another`);
  if (known === undefined) writeDurably(join(dir, ABOUT), JSON.stringify({ agreement }));
  return new DiskDropBox(dir, agreement, tell);
}

class DiskDropBox implements DropBox {
  constructor(
    private readonly dir: string,
    readonly agreement: AgreementId,
    private readonly tell: (line: string) => void,
  ) {}

  take<Of extends Pick<Batch, 'observations' | 'flow' | 'presenter' | 'product' | 'machine' | 'sealedAt'>>(
    batch: Of,
    now: Instant,
  ): Of {
    const others = batch.observations.filter(({ key }) => key !== FILE_KEY);
    const touched = new Map<Digest, FileOrigin>();
    for (const { key, value } of batch.observations) {
      const part = key === FILE_KEY ? filePartIn(value) : undefined;
      const origin = part && this.takePart(part, batch);
      if (part && origin) touched.set(part.file, origin);
      else if (key === FILE_KEY) this.tell('a part of a file cannot be read or has no room, and was dropped');
    }
    for (const [file, origin] of touched) this.whenWhole(file, origin, now);
    return others.length === batch.observations.length ? batch : { ...batch, observations: others };
  }

  held(): readonly HeldFile[] {
    return readdirSync(this.place('held'))
      .filter((name) => name.endsWith('.json'))
      .map((name) => readJsonIfThere(this.place('held', name)) as HeldFile)
      .filter(({ content }) => existsSync(this.place('held', `${short(content)}.bytes`)))
      .sort((a, b) => a.foundAt - b.foundAt);
  }

  bytesOf(content: Digest): Buffer {
    return readFileSync(this.place('held', `${short(content)}.bytes`));
  }

  async look(scanner: AskScanner): Promise<void> {
    for (const file of this.held()) {
      if (file.verdict !== null) continue;
      const verdict = await scanner(this.bytesOf(file.content));
      if (verdict?.digest === file.content && verdict.reason !== 'engine_absent') this.note({ ...file, verdict });
    }
  }

  note(file: HeldFile): void {
    writeDurably(this.place('held', `${short(file.content)}.json`), JSON.stringify(file));
  }

  letIn(file: HeldFile): string {
    const path = this.place('released', `${short(file.content)}-${file.name}`);
    writeDurably(path, this.bytesOf(file.content));
    this.forget(file.content);
    return path;
  }

  erase(isOver: (file: FileOrigin) => boolean): readonly Digest[] {
    const whole = this.held().filter(isOver);
    for (const { content } of whole) this.forget(content);
    const arriving = readdirSync(this.place('arriving')).filter((name) => {
      const origin = readJsonIfThere(this.place('arriving', name, 'about.json')) as FileOrigin | undefined;
      return origin === undefined || isOver(origin);
    });
    for (const name of arriving) rmSync(this.place('arriving', name), { recursive: true, force: true });
    return [...whole.map(({ content }) => content), ...arriving.map((name) => `sha256:${name}` as Digest)];
  }

  /** What the first part said of the file holds for all of them: undefined where this one says otherwise, or there is no room. */
  private takePart(part: FilePart, batch: Parameters<DropBox['take']>[0]): FileOrigin | undefined {
    const { file, name, size, at, hex } = part;
    const { flow, presenter, product, machine, sealedAt } = batch;
    const origin: FileOrigin = { name, size, flow, presenter, product, machine, sealedAt };
    if (existsSync(this.place('held', `${short(file)}.json`))) return origin;
    const dir = this.place('arriving', short(file));
    const about = join(dir, 'about.json');
    const first = readJsonIfThere(about) as FileOrigin | undefined;
    if (first && (first.size !== size || first.name !== name || first.flow !== flow)) return undefined;
    if (!first) {
      const waiting = readdirSync(this.place('arriving')).length + this.held().length;
      if (waiting >= MOST_FILES) return undefined;
      makePrivateFolder(dir);
      writeDurably(about, JSON.stringify(origin));
    }
    writeDurably(join(dir, partName(at)), Buffer.from(hex, 'hex'));
    return first ?? origin;
  }

  private whenWhole(file: Digest, origin: FileOrigin, now: Instant): void {
    const dir = this.place('arriving', short(file));
    if (!existsSync(dir)) return;
    const names = readdirSync(dir).filter((name) => name.endsWith('.part'));
    if (names.length < Math.ceil(origin.size / PART_BYTES)) return;
    const bytes = Buffer.concat(names.sort().map((name) => readFileSync(join(dir, name))));
    if (digestOf(bytes) === file) {
      writeDurably(this.place('held', `${short(file)}.bytes`), bytes);
      this.note({ ...origin, content: file, foundAt: Math.floor(now), verdict: null, releases: [] });
    } else this.tell(`what came as ${origin.name} is not the file that it says it is, and was dropped`);
    rmSync(dir, { recursive: true, force: true });
  }

  private forget(content: Digest): void {
    // The bytes first: after a crash between the two nothing is left that could be let in.
    rmSync(this.place('held', `${short(content)}.bytes`), { force: true });
    rmSync(this.place('held', `${short(content)}.json`), { force: true });
  }

  private readonly place = (...path: readonly string[]): string => join(this.dir, ...path);
}

const short = (digest: Digest): string => digest.slice('sha256:'.length);
const partName = (at: number): string => `${String(at).padStart(9, '0')}.part`;
const digestOf = (bytes: Buffer): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('base64url')}` as Digest;
