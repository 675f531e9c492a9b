import { connect } from 'node:net';
import { notClean, readEngineAnswer, type ScanFinding } from '@interlock/domain';

export interface ClamdOptions {
  /** The engine's own unix socket. */
  readonly socket: string;
  /** How long one question may take altogether, in milliseconds. */
  readonly deadlineMs: number;
}

const LONGEST_ANSWER = 1_024;
const CHUNK = 64 * 1024;

/**
 * Asks clamd about these bytes (clamd(8), INSTREAM: chunks with a length of 4 bytes, big-endian, ended by a length of 0). Never throws: an engine that is not there,
 * hangs up or does not answer in time is a finding that is not clean.
 */
export async function askClamd(options: ClamdOptions, bytes: Uint8Array): Promise<ScanFinding> {
  const chunks: Uint8Array[] = [Buffer.from('zINSTREAM\0')];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    chunks.push(length(chunk.length), chunk);
  }
  chunks.push(length(0));
  const answer = await ask(options, chunks);
  return answer === undefined ? notClean('engine_absent') : readEngineAnswer(answer);
}

/** Which engine answers, or nothing where none does. */
export async function clamdVersion(options: ClamdOptions): Promise<string | undefined> {
  const answer = await ask(options, [Buffer.from('zVERSION\0')]);
  return answer?.startsWith('ClamAV ') ? answer.slice(0, 100) : undefined;
}

function length(count: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(count);
  return bytes;
}

/** One connection, one question, one answer that ends with a NUL; nothing where that does not come whole and in time. */
function ask({ socket, deadlineMs }: ClamdOptions, question: readonly Uint8Array[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const deadline = setTimeout(() => end(undefined), deadlineMs);
    const end = (answer: string | undefined) => {
      clearTimeout(deadline);
      connection.destroy();
      resolve(answer);
    };
    let heard = Buffer.alloc(0);
    connection.on('data', (part) => {
      heard = Buffer.concat([heard, part]);
      const nul = heard.indexOf(0);
      if (nul >= 0) end(heard.subarray(0, nul).toString('latin1'));
      else if (heard.length > LONGEST_ANSWER) end(undefined);
    });
    connection.on('error', () => end(undefined)).on('close', () => end(undefined));
    // The engine may hang up in the middle of a stream that it does not like, and its answer is then still to be read.
    connection.write(Buffer.concat(question));
  });
}
