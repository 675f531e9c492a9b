import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFileOf {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What an attacker would write instead of what is true. */
  readonly lie?: {
    readonly flags?: number;
    readonly method?: number;
    readonly declared?: number;
    readonly localName?: string;
    readonly at?: number;
  };
}

/** A zip archive as PKWARE's APPNOTE 4.3 lays it out, deflated, and lying where it is told to. `gap` bytes stand before the directory. */
export function makeZip(files: readonly ZipFileOf[], gap = 0): Buffer {
  const [locals, entries]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, bytes, lie = {} } of files) {
    const packed = lie.method === 0 ? Buffer.from(bytes) : deflateRawSync(bytes);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(lie.flags ?? 0, 2);
    head.writeUInt16LE(lie.method ?? 8, 4);
    head.writeUInt32LE(crc32(bytes), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(lie.declared ?? bytes.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(lie.localName ?? name), packed]);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(lie.at ?? at, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), head, more, Buffer.from(name)]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at + gap, 12);
  return Buffer.concat([...locals, Buffer.alloc(gap), directory, Buffer.from('PK\x05\x06'), end]);
}

/** `inner`, inside as many zip archives. */
export const zippedTimes = (inner: Uint8Array, times: number): Buffer =>
  Array.from({ length: times }).reduce<Buffer>((bytes) => makeZip([{ name: 'in.zip', bytes }]), Buffer.from(inner));
