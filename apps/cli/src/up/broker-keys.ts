import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicJwk } from '@interlock/domain';
import { privateKeyFromPem, publicJwkOf } from '@interlock/proof';

export interface BrokerKeysFiles {
  readonly ticketKey: PublicJwk;
  readonly logKey: PublicJwk;
}

/** The public halves of the broker's two keys: with one it can deny, with the other its log is checked. Neither can allow anything. */
export const readBrokerKeyFiles = (folder: string): BrokerKeysFiles => ({
  ticketKey: publicHalf(join(folder, 'ticket.pem')),
  logKey: publicHalf(join(folder, 'log.pem')),
});

const publicHalf = (file: string): PublicJwk => publicJwkOf(privateKeyFromPem(readFileSync(file, 'utf8')));
