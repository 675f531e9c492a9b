/**
 * We could not; it says nothing about whether we would. A refusal is a returned value instead.
 * `publicMessage` is for the peer and names nothing of our inside; the cause is for our log.
 */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  constructor(
    readonly code: `${string}_unavailable` | 'internal',
    readonly publicMessage: string,
    options: { cause: unknown },
  ) {
    super(publicMessage, options);
  }
}

/** The service is wired wrongly: it must not start. The message says what to change. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
