import { signedEntity } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EntityDocument,
  type OrganisationId,
  refuse,
  revokesAll,
  type Signed,
} from '@interlock/domain';
import type { Command } from 'commander';
import { handRevokeAll } from '../gateway/local-hand.js';
import {
  type JsonOption,
  perform,
  refusalWords,
  type Shown,
  tell,
  WrongUsage,
  waitingFor,
  withJson,
} from '../perform.js';
import { gather, organisation, origin, readJsonFile } from '../read-arguments.js';

interface RevokeAllOptions extends JsonOption {
  readonly organisation: OrganisationId;
  readonly broker?: string;
  readonly hand?: readonly string[];
}

/** `interlock agent revoke-all`: needs no key and no folder of the company, only the file that was prepared at enrolment. */
export function revokeAllVerb(agent: Command): void {
  withJson(agent.command('revoke-all'))
    .argument('<file>', 'offline/revoke-all.json of the company, or a copy of it')
    .description('end everything of a company for good: every key, right and session under its root; nothing undoes it')
    .requiredOption('--organisation <id>', 'whose; typed, because nothing undoes it', organisation)
    .option('--broker <origin>', 'publish it at this broker, which tells every partner', origin)
    .option(
      '--hand <gateway-folder>',
      'hand it straight to the gateway of this folder; may be given again',
      gather(String),
    )
    .action((file: string, options: RevokeAllOptions) => perform(options, () => revokeAll(file, options)));
}

async function revokeAll(file: string, options: RevokeAllOptions): Promise<Decision<Shown>> {
  const read = signedEntity.safeParse(readJsonFile(file));
  if (!read.success || !revokesAll(read.data.document))
    throw new WrongUsage(`${file} is not what "interlock agent init" prepared as revoke-all.json`);
  const entity: Signed<EntityDocument> = read.data;
  const { organisation: whose } = entity.document;
  if (whose !== options.organisation) throw new WrongUsage(`${file} is of ${whose}, not of ${options.organisation}`);
  const { broker, hand = [] } = options;
  if (broker === undefined && hand.length === 0)
    throw new WrongUsage('say where to: --broker, --hand, or both; each gateway that has it obeys, whoever brought it');
  const told: string[] = [];
  // The gateways first: they need nobody else.
  for (const folder of hand) {
    const taken = await waitingFor('asking the gateway', handRevokeAll({ folder }, entity));
    if (taken.allowed) told.push(`the gateway of ${folder}`);
    else tell(`the gateway of ${folder} did not take it: ${refusalWords(taken.refusal)}`);
  }
  if (broker !== undefined && (await waitingFor('asking the broker', publish(broker, entity)))) told.push(broker);
  if (told.length === 0) return refuse('broker_unavailable', { clause: 'revoke-all' });
  return allow({
    json: { organisation: whose, told },
    lines: told.map((who) => `${who} has it: nothing of ${whose} counts there any more`),
  });
}

/** The document proves itself, so no caller has to. */
async function publish(broker: string, entity: Signed<EntityDocument>): Promise<boolean> {
  const response = await fetch(new URL('/v1/entities', broker), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ entity }),
    redirect: 'error',
    signal: AbortSignal.timeout(20_000),
  }).catch((cause: unknown) => {
    tell(`the broker did not answer: ${cause instanceof Error ? cause.message : String(cause)}`);
    return undefined;
  });
  if (response && !response.ok) tell(`the broker did not take it: ${response.status} ${await response.text()}`);
  return response?.ok ?? false;
}
