import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as tls } from 'node:tls';
import { alive, procText, type SeenProcess } from './processes.js';

/** What came of it: names only, so that an empty list is the good answer. */
export interface GarbageReport {
  readonly inputs: number;
  readonly ports: number;
  /** Processes that ended. */
  readonly crashed: readonly string[];
  /** Ports that no longer answer a caller who behaves. */
  readonly silent: readonly string[];
  /** Answers of a server that blamed itself (5xx) for what the caller sent. */
  readonly blamedItself: readonly string[];
  /** The most that one process grew, and the most that one ever held, in MiB. */
  readonly grownMiB: number;
  readonly peakMiB: number;
}

interface Door {
  readonly process: string;
  readonly port: number;
}

/** How long one input waits for an answer or a hang-up. */
const PATIENCE = 1_000;
const AT_ONCE = 8;

const mib = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(procText(pid, 'status'))?.[1] ?? 0) / 1024;

/**
 * Sends every kind of garbage to every port that these processes listen on, before any authentication, while slow callers hold connections
 * open. Load stays on loopback.
 */
export async function garbageAtEveryPort(processes: readonly SeenProcess[], rounds: number): Promise<GarbageReport> {
  const doors = processes.flatMap(({ pid, name }) => listening(pid).map((port) => ({ process: name, port })));
  const before = new Map(processes.map(({ pid }) => [pid, mib(pid, 'VmRSS')]));
  const slow = doors.flatMap((door) => SLOW.map((bytes) => holdOpen(door, bytes)));
  const [work, blamed] = [doors.flatMap((door) => inputs(rounds).map((bytes) => ({ door, bytes }))), new Set<string>()];
  await inTurns(work, async ({ door, bytes }) => {
    const answer = await send(door.port, bytes);
    if (/^HTTP\/1\.1 5/.test(answer)) blamed.add(`${door.process}: ${answer.split('\r\n')[0]}`);
  });
  const silent = await unanswered(doors);
  for (const socket of slow) socket.destroy();
  const left = alive(processes).map(({ pid }) => pid);
  return {
    inputs: work.length + slow.length,
    ports: doors.length,
    crashed: processes.filter(({ pid }) => !left.includes(pid)).map(({ name }) => name),
    silent,
    blamedItself: [...blamed],
    grownMiB: Math.max(...left.map((pid) => mib(pid, 'VmRSS') - (before.get(pid) ?? 0))),
    peakMiB: Math.max(...left.map((pid) => mib(pid, 'VmHWM'))),
  };
}

async function inTurns<T>(work: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const queue = [...work];
  const worker = async (): Promise<void> => {
    for (let one = queue.pop(); one !== undefined; one = queue.pop()) await each(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The TCP ports a process listens on, as the kernel says. */
export function listening(pid: number): number[] {
  const own = new Set(socketsOf(pid));
  return ['tcp', 'tcp6'].flatMap((table) =>
    procText(pid, `net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && own.has(fields[9] ?? ''))
      .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '0', 16)),
  );
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${name}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const json = (body: string | Buffer, target = '/v1/sessions', method = 'POST'): Buffer => {
  const bytes = Buffer.from(body);
  const head = `${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  return Buffer.concat([Buffer.from(`${head}content-length: ${bytes.length}\r\n\r\n`), bytes]);
};
const raw = (text: string): Buffer => Buffer.from(text, 'latin1');

/** One round: fixed shapes that broke servers before, and fresh random bytes. */
function inputs(rounds: number): Buffer[] {
  return Array.from({ length: rounds }).flatMap(() => [
    ...[0, 1, 64, 4_096, 1 << 20].map((size) => randomBytes(size)),
    Buffer.alloc(1 << 20),
    Buffer.from(randomBytes(4_096).toString('hex').replaceAll('a', '\r\n')),
    raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
    raw('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    raw(
      'GET /v1/channel HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: x\r\n\r\n',
    ),
    raw(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`),
    raw(`GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5_000)}\r\n`),
    raw('GET /%00%ff/../../etc HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'),
    raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
    raw('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n'),
    raw(
      'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{',
    ),
    ...['', '{', '[]', 'null', '"x"', '1e999', '{"__proto__":{"a":1},"constructor":{}}', `${'['.repeat(100_000)}`].map(
      (body) => json(body),
    ),
    json(Buffer.from([0xff, 0xfe, 0x7b, 0x7d])),
    json('{}', '/v1/entities', 'PUT'),
    json(JSON.stringify({ entity: 'x'.repeat(900_000) }), '/v1/entities', 'PUT'),
    json(Buffer.alloc(8 << 20, '{"a":'), '/v1/entities', 'PUT'),
    raw(`CONNECT {"jwt":"${'x'.repeat(10_000)}"}\r\nPUB a 99999999999\r\n`),
    raw(`{"t":"hello","v":1,"x":"${'y'.repeat(200_000)}"}\n`),
    raw(`${'{"t":"offer"}\n'.repeat(2_000)}`),
    raw('SSH-2.0-x\r\n\0\0\0\x0c\xff'),
  ]);
}

/** The beginnings of requests that never go on. */
const SLOW = [
  '',
  'G',
  'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{',
  '\x16\x03',
  '{"t":',
].flatMap((text) => [raw(text), raw(text)]);

function holdOpen({ port }: Door, bytes: Buffer): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  return socket;
}

/** Sends and waits until the other side answers, hangs up, or had its time. Returns the beginning of the answer. */
function send(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const done = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PATIENCE, done);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.length > 12) done();
    });
    socket.once('error', done);
    socket.once('close', done);
    socket.end(bytes);
  });
}

const speaksHttp = (process: string): boolean =>
  /^(federation-api|agent-|gateway-|identity-provider|analytics)/.test(process);

/** A caller who behaves is still let in everywhere, and where HTTP is spoken, answered. */
async function unanswered(doors: readonly Door[]): Promise<string[]> {
  const silent: string[] = [];
  for (const { process, port } of doors) {
    const answer = speaksHttp(process)
      ? await withPatience(port, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      : (await accepts(port))
        ? 'HTTP'
        : '';
    // The gateway's door for collectors speaks TLS, and hangs up on whoever does not.
    if (!answer.startsWith('HTTP') && !(await shakesHands(port))) silent.push(`${process}:${port}`);
  }
  return silent;
}

const shakesHands = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = tls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const answered = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(10_000, () => answered(false));
    socket.once('error', () => answered(false));
    socket.once('secureConnect', () => answered(true));
  });

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(10_000, () => resolve(false));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** A busy machine answers late; a dead one never. */
async function withPatience(port: number, request: string): Promise<string> {
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await send(port, raw(request));
    if (answer !== '') return answer;
  }
  return '';
}

/** The memory limit of the machine, for the conditions of a bench. */
export const machineMiB = (): number =>
  Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) / 1024;
