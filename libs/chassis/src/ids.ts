import { randomBytes } from 'node:crypto';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Makes identifiers, as an injected value so that a test can name them. */
export abstract class Ids {
  /**
   * A new identifier: `prefix`, an underscore and 26 lower-case Crockford base 32 characters.
   * `T` is the branded type the prefix stands for: `ids.next<GrantId>('grt')`.
   */
  abstract next<T extends string = string>(prefix: string): T;
}

/** 130 random bits per identifier: not guessable, never repeated, and telling nothing of order or time. */
export class RandomIds extends Ids {
  override next<T extends string = string>(prefix: string): T {
    const characters = Array.from(randomBytes(26), (byte) => CROCKFORD[byte & 31]);
    return `${prefix}_${characters.join('')}` as T;
  }
}
