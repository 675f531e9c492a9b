import {
  base64In,
  boundBroken,
  containerOf,
  NOTHING_UNFOLDED,
  roomFor,
  type ScanBounds,
  type ScanReason,
  SHORTEST_PACKED,
  stringsOf,
  withPart,
} from '@interlock/domain';
import { type Compression, decompress } from './decompress.js';
import { type AskBound, tarMembers } from './tar-members.js';
import { zipMembers } from './zip-members.js';

/** Every part the engine has to see, outermost first, and why there may be more than these. */
export interface UnfoldedParts {
  readonly parts: readonly Uint8Array[];
  readonly broken: ScanReason | undefined;
}

/**
 * Undoes what is around a content: the named encodings (RFC 9110 section 8.4), then whatever archives, compressed contents, JSON strings and base64 are
 * found inside one another. Stops at the first bound that breaks.
 */
export async function unfold(
  bytes: Uint8Array,
  encodings: readonly string[],
  bounds: ScanBounds,
): Promise<UnfoldedParts> {
  const unfolding = new Unfolding(bounds);
  const broken = await unfolding.delivered(bytes, encodings);
  return { parts: unfolding.parts, broken };
}

const ENCODINGS: Readonly<Record<string, readonly Compression[]>> = {
  gzip: ['gzip'],
  'x-gzip': ['gzip'],
  // RFC 9110 section 8.4.1.2: some senders leave the zlib header out.
  deflate: ['zlib', 'deflate-raw'],
  br: ['br'],
};

type Reason = ScanReason | undefined;

class Unfolding {
  readonly parts: Uint8Array[] = [];
  private so = NOTHING_UNFOLDED;

  constructor(private readonly bounds: ScanBounds) {}

  async delivered(bytes: Uint8Array, encodings: readonly string[]): Promise<Reason> {
    const broken = this.keep(bytes, bytes.length, 0);
    if (broken) return broken;
    let content = bytes;
    let depth = 0;
    for (const name of [...encodings].reverse()) {
      if (name === 'identity') continue;
      const known = ENCODINGS[name];
      if (!known) return 'unknown_encoding';
      depth += 1;
      const decoded = await this.decode(known, content, depth);
      if (typeof decoded === 'string') return decoded;
      content = decoded;
    }
    return this.inside(content, depth);
  }

  private async decode(
    known: readonly Compression[],
    bytes: Uint8Array,
    depth: number,
  ): Promise<Uint8Array | ScanReason> {
    const room = roomFor(this.bounds, this.so, bytes.length);
    for (const compression of known) {
      const decoded = await decompress(compression, bytes, room);
      if (decoded === 'over') return this.broken(bytes.length, room + 1, depth) ?? 'too_large';
      if (decoded !== 'damaged') return this.keep(decoded, bytes.length, depth) ?? decoded;
    }
    return 'damaged';
  }

  private asking(depth: number): AskBound {
    return (from, to, { entries, bytes } = NOTHING_UNFOLDED) => {
      const so = { entries: this.so.entries + entries, bytes: this.so.bytes + bytes };
      return boundBroken(this.bounds, so, { from, to, depth });
    };
  }

  private broken(from: number, to: number, depth: number): Reason {
    return boundBroken(this.bounds, this.so, { from, to, depth });
  }

  private keep(bytes: Uint8Array, from: number, depth: number): Reason {
    const broken = this.broken(from, bytes.length, depth);
    if (broken) return broken;
    this.so = withPart(this.so, { from, to: bytes.length, depth });
    this.parts.push(bytes);
    return undefined;
  }

  private async part(bytes: Uint8Array, from: number, depth: number): Promise<Reason> {
    return this.keep(bytes, from, depth) ?? this.inside(bytes, depth);
  }

  private async inside(bytes: Uint8Array, depth: number): Promise<Reason> {
    switch (containerOf(bytes)) {
      case 'gzip':
        return this.stream(['gzip'], bytes, depth + 1);
      case 'zlib': {
        // Two bytes are a weak sign: what does not decode is no compressed content.
        const broken = await this.stream(['zlib'], bytes, depth + 1);
        return broken === 'damaged' ? undefined : broken;
      }
      case 'zip':
        return this.members(zipMembers(bytes, this.asking(depth + 1)), depth + 1);
      case 'tar':
        return this.members(tarMembers(bytes, this.asking(depth + 1)), depth + 1);
      case 'text':
        return this.texts(new TextDecoder().decode(bytes), depth + 1);
      case 'closed':
        return 'unknown_archive';
      case 'none':
        return undefined;
    }
  }

  private async stream(known: readonly Compression[], bytes: Uint8Array, depth: number): Promise<Reason> {
    const decoded = await this.decode(known, bytes, depth);
    return typeof decoded === 'string' ? decoded : this.inside(decoded, depth);
  }

  private async members(
    members: AsyncIterable<{ readonly from: number; readonly bytes: Uint8Array } | ScanReason>,
    depth: number,
  ): Promise<Reason> {
    for await (const member of members) {
      const broken = typeof member === 'string' ? member : await this.part(member.bytes, member.from, depth);
      if (broken) return broken;
    }
    return undefined;
  }

  private async texts(text: string, depth: number): Promise<Reason> {
    const packed = base64In(text);
    if (packed !== undefined) return this.part(Buffer.from(packed, 'base64'), text.length, depth);
    const strings = jsonStrings(text);
    if (strings === 'too_deep') return 'too_deep';
    if (strings.length === 0) return undefined;
    // What is too short to hold a file is still looked at, as one text: a signature may span several.
    const short = Buffer.from(strings.filter((one) => one.length < SHORTEST_PACKED).join('\n'));
    const broken = short.length > 0 ? this.keep(short, short.length, depth) : undefined;
    if (broken) return broken;
    for (const one of new Set(strings)) {
      if (one.length < SHORTEST_PACKED) continue;
      const bytes = Buffer.from(one);
      const reason = await this.part(bytes, bytes.length, depth);
      if (reason) return reason;
    }
    return undefined;
  }
}

/** The strings of a JSON text, or of each line that is one; none where it is no JSON. */
function jsonStrings(text: string): readonly string[] | 'too_deep' {
  const whole = parsed(text);
  const values = whole === undefined ? text.split('\n').map(parsed) : [whole];
  const found: string[] = [];
  for (const value of values) {
    if (value === undefined) continue;
    const strings = stringsOf(value.json);
    if (!strings) return 'too_deep';
    for (const one of strings) found.push(one);
  }
  return found;
}

function parsed(text: string): { readonly json: unknown } | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
