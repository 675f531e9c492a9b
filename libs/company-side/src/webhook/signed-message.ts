import { createHmac, timingSafeEqual } from 'node:crypto';

/** A message to a web address of somebody else's program. `id` is the same each time it is tried. */
export interface WebhookMessage {
  readonly id: string;
  readonly body: Buffer;
}

const PREFIX = 'whsec_';
/** A receiver takes no message that is older, or more ahead, than this. Seconds; Standard Webhooks 1.0.0, "Verifying webhook authenticity". */
const TOLERANCE = 300;

/**
 * The key behind a secret as it is handed to the receiver: `whsec_` and base64 of 24 to 64 bytes (Standard Webhooks 1.0.0, "Signature scheme").
 *
 * @throws if it is no such secret, with what makes one
 */
export function webhookKey(secret: string): Buffer {
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.alloc(0);
  if (key.length < 24 || key.length > 64)
    throw new Error(
      'the secret of a webhook is whsec_ and 24 to 64 bytes in base64: (printf whsec_; head -c 32 /dev/urandom | base64)',
    );
  return key;
}

const signatureOf = (key: Buffer, { id, body }: WebhookMessage, timestamp: number): string =>
  createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');

/** The headers of a message that says who sent it and when (Standard Webhooks 1.0.0). `now`: milliseconds. */
export function webhookHeaders(key: Buffer, message: WebhookMessage, now: number): Readonly<Record<string, string>> {
  const timestamp = Math.floor(now / 1_000);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signatureOf(key, message, timestamp)}`,
  };
}

/** What a receiver does with a message: whether it is of who holds the secret, unaltered, and of now. */
export function isOfWebhook(
  key: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
  now: number,
): boolean {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!Number.isSafeInteger(timestamp) || Math.abs(now / 1_000 - timestamp) > TOLERANCE) return false;
  const wanted = Buffer.from(signatureOf(key, { id: String(headers['webhook-id']), body }, timestamp));
  return String(headers['webhook-signature'])
    .split(' ')
    .map((one) => Buffer.from(one.replace(/^v1,/, '')))
    .some((one) => one.length === wanted.length && timingSafeEqual(one, wanted));
}
