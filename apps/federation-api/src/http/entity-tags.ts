import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

const tagOf = (bytes: string | Buffer): string => `"${createHash('sha256').update(bytes).digest('base64url')}"`;

/** Whether one of the tags of `If-None-Match` is this one, compared weakly (RFC 9110 13.1.2). */
const names = (header: string, tag: string): boolean =>
  header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);

/**
 * Gives every reading that succeeded an `ETag` over its very bytes, and answers 304 where the caller has them (RFC 9110 15.4.5). It is asked
 * for after everything that decides who may read: a tag opens nothing, and whoever may not read is told the same no as before.
 */
export function tagAnswers(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload: unknown) => {
    if (request.method !== 'GET' || reply.statusCode !== 200) return payload;
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    const tag = tagOf(payload);
    void reply.header('etag', tag);
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache');
    const known = request.headers['if-none-match'];
    if (known === undefined || !names(known, tag)) return payload;
    void reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}
