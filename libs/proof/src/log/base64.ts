const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;

/** RFC 4648 section 4, with padding: the only spelling of these bytes that `decodeBase64` accepts. */
export const encodeBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Strict RFC 4648 section 4. Node's decoder skips foreign characters and ignores stray bits in the last one, so two texts
 * could mean the same signature; here bytes have one spelling and anything else is `undefined`.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (!ALPHABET.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
