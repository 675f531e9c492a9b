import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreementId, HTTPS_ELSEWHERE, instant, isSafeWebAddress, localId } from '@interlock/contracts';
import type { AgreementId, Instant, LocalId } from '@interlock/domain';
import { z } from 'zod';
import { readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const stream = z.strictObject({
  id: localId,
  /** "aud" of its events: the receiver. */
  audience: z.string().min(1).max(500),
  /** Only of whom has something to do with this agreement; null for a receiver of the own company. */
  agreementId: agreementId.nullable(),
  /** Where events are pushed (RFC 8935); null where the receiver fetches them (RFC 8936). */
  push: z.url().refine(isSafeWebAddress, HTTPS_ELSEWHERE).nullable(),
  since: instant,
});
const settings = z.strictObject({ v: z.literal(1), streams: z.array(stream).max(100) });

/** One receiver of what this company tells of its own subjects. */
export interface SignalStream extends z.infer<typeof stream> {
  readonly agreementId: AgreementId | null;
  readonly id: LocalId;
  /** What the receiver shows where it fetches or asks. */
  readonly access: string;
  /** What the agent shows where it pushes. */
  readonly token: string | undefined;
}

export interface StreamWish {
  readonly id: LocalId;
  readonly audience: string;
  readonly agreementId: AgreementId | null;
  readonly push: string | null;
  readonly token?: string | undefined;
}

const files = (dir: string, id: LocalId) => ({
  access: join(layout(dir).streamKeys, `${id}.access`),
  token: join(layout(dir).streamKeys, `${id}.token`),
});

/** Every receiver that the company set up, none where it set up none. */
export function readSignalStreams(dir: string): readonly SignalStream[] {
  const read = readJsonIfThere(layout(dir).signalStreams);
  if (read === undefined) return [];
  return settings.parse(read).streams.map((one) => {
    const { access, token } = files(dir, one.id);
    const shown = existsSync(token) ? readFileSync(token, 'utf8').trim() : undefined;
    return { ...one, access: readFileSync(access, 'utf8').trim(), token: shown };
  });
}

/** Adds a receiver, or takes the place of the one of this name; what happened before is not told. Returns where its token lies. */
export function addSignalStream(dir: string, { token, ...wish }: StreamWish, now: Instant): string {
  const { signalStreams, streamKeys, signalKey } = layout(dir);
  mkdirSync(streamKeys, { recursive: true, mode: 0o700 });
  const others = readSignalStreams(dir).filter(({ id }) => id !== wish.id);
  const kept = others.map(({ access: _, token: __, ...rest }) => rest);
  const value = settings.parse({ v: 1, streams: [...kept, { ...wish, since: now }] });
  // RS256 of 2048 bits or more is what the CAEP interoperability profile asks for; this key says nothing anywhere else.
  if (!existsSync(signalKey)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeDurably(signalKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  const at = files(dir, wish.id);
  writeDurably(at.access, randomBytes(32).toString('base64url'));
  if (token !== undefined) writeDurably(at.token, token);
  writeDurably(signalStreams, `${JSON.stringify(value, null, 2)}\n`);
  return at.access;
}

/** Tells this receiver nothing more; false where there is none of the name. */
export function endSignalStream(dir: string, id: LocalId): boolean {
  const there = readSignalStreams(dir);
  const kept = there.filter((one) => one.id !== id).map(({ access: _, token: __, ...rest }) => rest);
  if (kept.length === there.length) return false;
  writeDurably(layout(dir).signalStreams, `${JSON.stringify({ v: 1, streams: kept }, null, 2)}\n`);
  return true;
}
