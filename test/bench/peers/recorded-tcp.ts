/** What one side of a recorded connection said before the other answered. */
export interface TcpTurn {
  readonly from: 'client' | 'server';
  readonly bytes: Buffer;
}

const HEADER = 24;
const RECORD = 16;
/** Where IP begins, by the link type of the file: BSD loopback, Ethernet, Linux cooked. */
const IP_AT: Readonly<Record<number, number>> = { 0: 4, 1: 14, 113: 16 };

/** The turns of the first connection to this port in a classic pcap file of IPv4, each segment once. */
export function tcpTurns(file: Buffer, port: number): readonly TcpTurn[] {
  const little = file.readUInt32LE(0) === 0xa1b2c3d4 || file.readUInt32LE(0) === 0xa1b23c4d;
  const u32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const ipAt = IP_AT[u32(20)];
  if (ipAt === undefined) throw new Error(`link type ${u32(20)} is not read here`);
  const turns: { from: TcpTurn['from']; bytes: Buffer }[] = [];
  const seen = new Set<string>();
  let peer: number | undefined;
  for (let at = HEADER; at + RECORD <= file.length; ) {
    const length = u32(at + 8);
    const ip = file.subarray(at + RECORD + ipAt, at + RECORD + length);
    at += RECORD + length;
    if (ip.length < 40 || ip.readUInt8(0) >> 4 !== 4 || ip.readUInt8(9) !== 6) continue;
    const tcp = ip.subarray((ip.readUInt8(0) & 15) * 4, ip.readUInt16BE(2));
    const [source, to] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
    const bytes = tcp.subarray((tcp.readUInt8(12) >> 4) * 4);
    if ((source !== port && to !== port) || bytes.length === 0) continue;
    const from = to === port ? 'client' : 'server';
    peer ??= from === 'client' ? source : to;
    const name = `${source} ${tcp.readUInt32BE(4)}`;
    if ((from === 'client' ? source : to) !== peer || seen.has(name)) continue;
    seen.add(name);
    const last = turns.at(-1);
    if (last?.from === from) last.bytes = Buffer.concat([last.bytes, bytes]);
    else turns.push({ from, bytes: Buffer.from(bytes) });
  }
  return turns;
}
