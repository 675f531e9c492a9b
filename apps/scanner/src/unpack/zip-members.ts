import { crc32 } from 'node:zlib';
import { NOTHING_UNFOLDED, type ScanReason, withPart } from '@interlock/domain';
import { type Entry, fromBufferPromise, type LocalFileHeader } from 'yauzl';
import { decompress } from './decompress.js';
import type { AskBound, Member } from './tar-members.js';

/** Signature, CRC and two sizes of 64 bits: what may stand behind a member that was written before its size was known. Bytes. */
const LONGEST_DESCRIPTOR = 24;
const DESCRIPTOR_FOLLOWS = 8;
const STORED = 0;
const DEFLATED = 8;

interface Found {
  readonly entry: Entry;
  readonly local: LocalFileHeader;
}

/**
 * The files of a zip archive; a reason ends them. Readers differ in whether they believe the directory or the header beside the data, so only an
 * archive in which both say the same, and in which nothing stands between or before its members, is opened at all.
 */
export async function* zipMembers(bytes: Uint8Array, ask: AskBound): AsyncGenerator<Member | ScanReason> {
  const found: Found[] = [];
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const zip = await fromBufferPromise(whole, { lazyEntries: true, autoClose: false });
    const directory = Number(zip.readEntryCursor);
    // All that is declared is held against the bounds before the first member is unpacked.
    let declared = NOTHING_UNFOLDED;
    for await (const entry of zip.eachEntry()) {
      const [from, to] = [entry.compressedSize, entry.uncompressedSize];
      const reason = entry.isEncrypted() ? 'encrypted' : ask(from, to, declared);
      if (reason) return yield reason;
      declared = withPart(declared, { from, to, depth: 1 });
      found.push({ entry, local: await zip.readLocalFileHeaderPromise(entry) });
    }
    const reason = found.some(differs) ? 'headers_differ' : misplaced(found, directory);
    if (reason) return yield reason;
  } catch {
    return yield 'damaged';
  }
  for (const one of found) yield await memberOf(whole, one);
}

function differs({ entry, local }: Found): boolean {
  const later = (entry.generalPurposeBitFlag & DESCRIPTOR_FOLLOWS) !== 0;
  const same = (here: number, there: number) => here === there || (later && here === 0);
  return (
    local.generalPurposeBitFlag !== entry.generalPurposeBitFlag ||
    local.compressionMethod !== entry.compressionMethod ||
    !local.fileName.equals(entry.fileNameRaw) ||
    !same(local.compressedSize, entry.compressedSize) ||
    !same(local.uncompressedSize, entry.uncompressedSize) ||
    !same(local.crc32, entry.crc32)
  );
}

/** Members that share bytes make a small archive endless; bytes that belong to none are seen by other readers only. */
function misplaced(found: readonly Found[], directory: number): ScanReason | undefined {
  const order = [...found].sort((a, b) => a.entry.relativeOffsetOfLocalHeader - b.entry.relativeOffsetOfLocalHeader);
  let [end, slack] = [0, 0];
  for (const { entry, local } of order) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end) return 'overlapping';
    if (start > end + slack) return 'headers_differ';
    end = local.fileDataStart + entry.compressedSize;
    slack = (entry.generalPurposeBitFlag & DESCRIPTOR_FOLLOWS) === 0 ? 0 : LONGEST_DESCRIPTOR;
  }
  if (end > directory) return 'overlapping';
  return directory > end + slack ? 'headers_differ' : undefined;
}

async function memberOf(whole: Buffer, { entry, local }: Found): Promise<Member | ScanReason> {
  const packed = whole.subarray(local.fileDataStart, local.fileDataStart + entry.compressedSize);
  const bytes = await unpacked(packed, entry);
  if (typeof bytes === 'string') return bytes;
  if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) return 'headers_differ';
  return { from: entry.compressedSize, bytes };
}

async function unpacked(packed: Uint8Array, entry: Entry): Promise<Uint8Array | ScanReason> {
  if (entry.compressionMethod === STORED) return packed;
  if (entry.compressionMethod !== DEFLATED) return 'unknown_encoding';
  // A member that is larger than it says is a lie about the bound that was asked for it.
  const bytes = await decompress('deflate-raw', packed, entry.uncompressedSize);
  return bytes === 'over' ? 'headers_differ' : bytes;
}
