import { readFileSync } from 'node:fs';
import { defineService, StartError } from '@interlock/chassis';
import { webLink } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import { keySigner, privateKeyFromPem, RememberedRings, type Signer } from '@interlock/proof';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { RepeatedRefusals } from './commands/repeated-refusals.js';
import { countRefusals, tidy } from './commands/tidy.command.js';
import { answers } from './consumers/answers.js';
import { onAgreementChanged } from './consumers/on-agreement-changed.js';
import { MIGRATIONS } from './store/migrations/0001-grants.js';
import type { Verbs } from './verbs.js';

@Module({ providers: [RepeatedRefusals] })
class GrantsModule {}

const settings = {
  /** File with the private key (PKCS#8 PEM, Ed25519 or P-256) that signs tickets. It admits; it opens nothing. */
  GRANTS_TICKET_KEY_FILE: z.string().min(1),
  /** Where connectors and gateways meet: `host:port[,host:port]`. Both ends check it against what their own company listed. */
  GRANTS_RELAYS: z
    .string()
    .regex(/^[A-Za-z0-9.-]+:\d{1,5}(,[A-Za-z0-9.-]+:\d{1,5})*$/, 'must be host:port[,host:port]'),
  /** Origin under which companies reach the broker; stands in every ticket. */
  PUBLIC_ORIGIN: webLink(),
};
type Settings = z.output<z.ZodObject<typeof settings>>;

type Wired = Omit<Verbs, 'ticketSigner' | 'origin' | 'relays' | 'rings' | 'refusals'> & {
  readonly settings: Settings;
  get(token: typeof RepeatedRefusals): RepeatedRefusals;
};

const TIDY_EVERY = 15_000;
const COUNT_EVERY = 2_000;

/** Owns grants, the acts on rights, verdicts, status lists and sessions. */
export const grants = defineService({
  name: 'grants',
  module: GrantsModule,
  settings,
  migrations: MIGRATIONS,
  consumers: () => [onAgreementChanged()],
  requests: (wiring) => answers(verbsOf(wiring)),
  workers: (wiring) => {
    const verbs = verbsOf(wiring);
    return [
      { name: 'tidy', everyMs: TIDY_EVERY, work: () => tidy(verbs) },
      { name: 'count-refusals', everyMs: COUNT_EVERY, work: () => countRefusals(verbs) },
    ];
  },
});

const verbsOf = ({ transactor, clock, ids, news, requests, log, get, settings: set }: Wired): Verbs => ({
  transactor,
  clock,
  ids,
  news,
  requests,
  log,
  rings: new RememberedRings(),
  refusals: get(RepeatedRefusals),
  ticketSigner: readTicketKey(set.GRANTS_TICKET_KEY_FILE),
  origin: set.PUBLIC_ORIGIN.replace(/\/$/, ''),
  relays: set.GRANTS_RELAYS.split(',').map((address) => {
    const [host = '', port = ''] = address.split(':');
    return { host, port: Number(port) };
  }),
});

function readTicketKey(file: string): Signer {
  try {
    // The signer's organisation stands in no ticket: a broker is no organisation.
    return keySigner('broker.invalid' as OrganisationId, privateKeyFromPem(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new StartError('GRANTS_TICKET_KEY_FILE is no readable private key; make one with Ed25519 in PKCS#8 PEM', {
      cause,
    });
  }
}
