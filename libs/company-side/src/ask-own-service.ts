/** A service of the own company, and what it knows the asker by. */
export interface OwnService {
  readonly at: string;
  readonly token: string | undefined;
}

/** What may come back, and for how long it is waited. */
export interface AnswerBounds {
  /** Milliseconds. */
  readonly within: number;
  /** Bytes. */
  readonly longest: number;
}

/**
 * Asks a service of the own company in JSON (POST). It follows no redirect: the token is for that address alone, and no answer is read further than `longest`.
 *
 * @throws what `fetch` throws where the service is not reached in time, and an Error where it answers no 200 or too much
 */
export async function askOwnService({ at, token }: OwnService, body: object, bounds: AnswerBounds): Promise<unknown> {
  const response = await fetch(at, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(bounds.within),
  });
  if (response.status !== 200) throw new Error(`the service answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    // What is left is not read: leaving the loop ends the connection.
    if (length > bounds.longest) throw new Error(`the service answered more than ${bounds.longest} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
}
