/** How bytes are packed: what we open ourselves, what we know as a container and cannot open, and what is none. */
export type Container = 'zip' | 'gzip' | 'zlib' | 'tar' | 'text' | 'closed' | 'none';

const ascii = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));

/** Beginnings of formats that hold other files, and that nobody here can bound. */
const CLOSED: readonly (readonly [offset: number, magic: readonly number[]])[] = [
  [0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]], // 7z
  [0, ascii('Rar!\x1a\x07')],
  [0, [0xfd, ...ascii('7zXZ'), 0]],
  [0, ascii('BZh')],
  [0, ascii('MSCF')], // cab
  [0, ascii('ISc(')], // InstallShield cab
  [0, [0x28, 0xb5, 0x2f, 0xfd]], // zstd
  [0, [0x04, 0x22, 0x4d, 0x18]], // lz4
  [0, [0x1f, 0x9d]], // compress
  [0, [0x1f, 0xa0]], // compress, lzh
  [0, [0x60, 0xea]], // arj
  [0, [0x5d, 0, 0]], // lzma
  [0, ascii('LZIP')],
  [0, ascii('!<arch>')],
  [0, ascii('070701')], // cpio
  [0, ascii('070702')],
  [0, ascii('070707')],
  [0, [0xc7, 0x71]], // cpio, binary
  [0, [0xed, 0xab, 0xee, 0xdb]], // rpm
  [0, ascii('ITSF')], // chm
  [0, ascii('MSWIM')],
  [0, ascii('hsqs')], // squashfs
  [2, ascii('-lh')], // lha
  [2, ascii('-lz')],
  [7, ascii('**ACE**')],
  [0x8001, ascii('CD001')], // iso 9660
];

const LONGEST_ZIP_COMMENT = 65_557;

/** What these bytes are by what stands in them; a name or a media type that somebody claims never counts. */
export function containerOf(bytes: Uint8Array): Container {
  const has = (offset: number, magic: readonly number[]) => magic.every((one, at) => bytes[offset + at] === one);
  if (has(0, [0x1f, 0x8b])) return 'gzip';
  if (has(0, ascii('PK')) || endsLikeZip(bytes)) return 'zip';
  if (CLOSED.some(([offset, magic]) => has(offset, magic))) return 'closed';
  if (has(257, ascii('ustar'))) return 'tar';
  if (bytes[0] === 0x78 && ((bytes[0] << 8) + (bytes[1] ?? 1)) % 31 === 0) return 'zlib';
  return bytes.length > 0 && bytes.every((one) => one >= 0x20 || WHITE.has(one)) ? 'text' : 'none';
}

const WHITE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d]);

/** A zip is read from its end: whatever stands before it, a reader finds the archive. */
function endsLikeZip(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - LONGEST_ZIP_COMMENT); at -= 1) {
    if (bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === 5 && bytes[at + 3] === 6) return true;
  }
  return false;
}
