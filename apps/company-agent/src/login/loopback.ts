import { allow, type Decision, refuse } from '@interlock/domain';

/**
 * Where a program on the person's own computer waits for its answer (RFC 8252, section 7.3). Numeric loopback only: `localhost`
 * can be made to mean another machine. Parsed once; what is checked is what is used.
 */
export function loopbackRedirect(text: string): Decision<URL, 'redirect_not_loopback'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || !['127.0.0.1', '[::1]'].includes(url.hostname))
    return refuse('redirect_not_loopback');
  const plain = url.port !== '' && url.username === '' && url.password === '' && url.hash === '' && text.length <= 300;
  return plain ? allow(url) : refuse('redirect_not_loopback');
}
