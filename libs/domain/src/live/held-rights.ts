import type { Grant } from '../documents/right.js';
import type { Instant, Interval } from '../instant.js';
import type {
  Digest,
  GrantId,
  LocalId,
  OrganisationId,
  ResourceRef,
  SubjectKind,
  SubjectRef,
  Thumbprint,
} from '../names.js';
import { Rows, textBytes } from './rows.js';

/** What the grants of one requester for the same actions and purpose have in common. */
export interface Shape {
  readonly head: Pick<
    Grant,
    | 'typ'
    | 'v'
    | 'kind'
    | 'agreementId'
    | 'agreement'
    | 'requester'
    | 'actions'
    | 'purpose'
    | 'recurrence'
    | 'memberLists'
  >;
  readonly owner: OrganisationId;
  readonly subjectSide: OrganisationId;
  /** Which `Under` it belongs to. */
  readonly under: number;
}

/** What a row is written from. */
export interface Writing {
  readonly shape: number;
  readonly signers: number;
  readonly grant: Grant;
  readonly digest: Digest;
  readonly holds: readonly (Thumbprint | null)[];
}

// Integers of a row; 0 is the row's own length.
const SHAPE = 1;
const SIGNERS = 2;
const SPANS = 3;
const SUBJECTS = 4;
const RESOURCES = 5;
/** A row holds nothing else: another ticket is held as none, which answers only for less. */
const ASCII = /^[\x20-\x7e]*$/;
/** The first double, in doubles; windows come first, then texts. */
const FIRST_SPAN = 3;

/**
 * Rights as rows: numbers, windows, then texts in this order: for each subject its kind, id and key (empty where a login proof names
 * it), the ids of the resources, the id of the grant, its digest, its ticket. Organisations stand in the shape.
 */
export class HeldRights {
  private readonly rows = new Rows();

  write({ shape, signers, grant, digest, holds }: Writing): number {
    const texts = [
      ...grant.subjects.flatMap(({ kind, id }, nth) => [kind, id, holds[nth] ?? '']),
      ...grant.resources.map(({ id }) => id),
      grant.id,
      digest,
      grant.ticket !== null && ASCII.test(grant.ticket) ? grant.ticket : '',
    ];
    const from = 8 * (FIRST_SPAN + 2 * grant.windows.length);
    const row = this.rows.make(texts.reduce((sum, text) => sum + textBytes(text), from));
    this.rows.setInt(row, SHAPE, shape);
    this.rows.setInt(row, SIGNERS, signers);
    this.rows.setInt(row, SPANS, grant.windows.length);
    this.rows.setInt(row, SUBJECTS, grant.subjects.length);
    this.rows.setInt(row, RESOURCES, grant.resources.length);
    grant.windows.forEach((span, nth) => {
      this.rows.setDouble(row, FIRST_SPAN + 2 * nth, span.from);
      this.rows.setDouble(row, FIRST_SPAN + 2 * nth + 1, span.to);
    });
    let at = from;
    for (const text of texts) at = this.rows.setText(row, at, text);
    return row;
  }

  release(row: number): void {
    this.rows.release(row);
  }

  shape(row: number): number {
    return this.rows.int(row, SHAPE);
  }
  signers(row: number): number {
    return this.rows.int(row, SIGNERS);
  }

  /** The first window that holds this instant, as `within` finds it. */
  window(row: number, now: Instant): Interval | undefined {
    const end = FIRST_SPAN + 2 * this.rows.int(row, SPANS);
    for (let at = FIRST_SPAN; at < end; at += 2) {
      const [from, to] = [this.rows.double(row, at), this.rows.double(row, at + 1)];
      if (from <= now && now < to) return { from, to };
    }
    return undefined;
  }

  /** Where the key of this subject stands, to be read by `keyAt`; undefined where the row does not name it. The organisation is for the caller to compare. */
  keyOf(row: number, { kind, id }: SubjectRef): number | undefined {
    let at = this.texts(row);
    for (let left = this.rows.int(row, SUBJECTS); left > 0; left -= 1) {
      const isKind = this.rows.isText(row, at, kind);
      at = this.rows.after(row, at);
      const isId = isKind && this.rows.isText(row, at, id);
      at = this.rows.after(row, at);
      if (isId) return at;
      at = this.rows.after(row, at);
    }
    return undefined;
  }

  /** The key at `at`: the one that is shown if it is this one, or if a login proof names the key. */
  keyAt(row: number, at: number, shown: Thumbprint): Thumbprint {
    if (this.rows.isText(row, at, '') || this.rows.isText(row, at, shown)) return shown;
    return this.rows.text(row, at) as Thumbprint;
  }

  namesResource(row: number, id: LocalId): boolean {
    let at = this.resources(row);
    for (let left = this.rows.int(row, RESOURCES); left > 0; left -= 1) {
      if (this.rows.isText(row, at, id)) return true;
      at = this.rows.after(row, at);
    }
    return false;
  }

  subjectsOf(row: number, organisation: OrganisationId): SubjectRef[] {
    const texts = this.read(row, this.texts(row), 3 * this.rows.int(row, SUBJECTS));
    return texts.flatMap((text, at) =>
      at % 3 === 0 ? [{ organisation, kind: text as SubjectKind, id: texts[at + 1] as LocalId }] : [],
    );
  }

  resourcesOf(row: number, owner: OrganisationId): ResourceRef[] {
    const ids = this.read(row, this.resources(row), this.rows.int(row, RESOURCES));
    return ids.map((id) => ({ owner, id: id as LocalId }));
  }

  grantId(row: number): GrantId {
    return this.rows.text(row, this.ids(row)) as GrantId;
  }
  isGrant(row: number, id: GrantId): boolean {
    return this.rows.isText(row, this.ids(row), id);
  }
  digest(row: number): Digest {
    return this.rows.text(row, this.rows.after(row, this.ids(row))) as Digest;
  }

  /** The ticket it was asked with; null where there is none. */
  ticket(row: number): string | null {
    return this.rows.text(row, this.rows.after(row, this.rows.after(row, this.ids(row)))) || null;
  }

  private texts(row: number): number {
    return 8 * (FIRST_SPAN + 2 * this.rows.int(row, SPANS));
  }
  private resources(row: number): number {
    return this.skip(row, this.texts(row), 3 * this.rows.int(row, SUBJECTS));
  }
  private ids(row: number): number {
    return this.skip(row, this.resources(row), this.rows.int(row, RESOURCES));
  }

  private skip(row: number, from: number, count: number): number {
    let at = from;
    for (let left = count; left > 0; left -= 1) at = this.rows.after(row, at);
    return at;
  }

  private read(row: number, from: number, count: number): string[] {
    const texts: string[] = [];
    let at = from;
    for (let left = count; left > 0; left -= 1) {
      texts.push(this.rows.text(row, at));
      at = this.rows.after(row, at);
    }
    return texts;
  }
}
