import {
  allow,
  type Decision,
  type GrantId,
  type Instant,
  type LocalId,
  parseLocalId,
  parseOrganisationId,
  type ResourceRef,
  type SubjectRef,
} from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { asPerson, type PersonOptions, sessionAt } from '../login/login-commands.js';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { perform, type Shown, waitingFor } from '../perform.js';
import { actions, gather, grantId, instant, resource, wholeNumber } from '../read-arguments.js';
import { delegateGrant } from './ask-for-grant.js';
import { whole } from './show-grant.js';

interface DelegateOptions extends PersonOptions {
  readonly to: readonly SubjectRef[];
  readonly resource?: readonly ResourceRef[];
  readonly actions?: readonly LocalId[];
  readonly from?: Instant;
  readonly until?: Instant;
  readonly uses?: number;
  readonly reason: string;
  readonly passphraseFile?: string;
}

/** `interlock grant delegate`: hands on what one holds, to a deputy or a pool of experts, never more than one has. */
export function delegateVerb(grant: Command): void {
  asPerson(grant.command('delegate'))
    .argument('<id>', 'the grant or delegation that names you', grantId)
    .description('hand on what you were granted, or less of it; it ends when yours does')
    .requiredOption('--to <organisation/person>', 'who is to have it; may be given again, for a pool', gather(person))
    .requiredOption('--reason <text>', 'why, such as a holiday; both companies read it')
    .option('--resource <owner/id>', 'only on this; may be given again', gather(resource))
    .option('--actions <list>', 'only these services, separated by commas', actions)
    .option('--from <time>', 'not before this, with its zone: a replacement planned ahead', instant)
    .option('--until <time>', 'not after this, with its zone', instant)
    .option('--uses <number>', 'at most so many sessions', wholeNumber)
    .option(...PASSPHRASE_FILE)
    .action((id: GrantId, options: DelegateOptions) => perform(options, () => delegate(id, options)));
}

async function delegate(id: GrantId, options: DelegateOptions): Promise<Decision<Shown>> {
  const { from, until, uses } = options;
  if ((from === undefined) !== (until === undefined))
    throw new InvalidArgumentError('give both --from and --until, or neither: then it is yours as long as you hold it');
  const passphrase = await knownPassphrase(options.passphraseFile);
  const wish = {
    delegates: options.to,
    reason: options.reason,
    ...(options.resource && { resources: options.resource }),
    ...(options.actions && { actions: options.actions }),
    ...(from !== undefined && until !== undefined && { windows: [{ from, to: until }] }),
    ...(uses !== undefined && { uses }),
  };
  const given = await waitingFor('asking your agent', delegateGrant(sessionAt(options), id, wish, passphrase));
  return given.allowed ? allow(whole(given.value)) : given;
}

function person(text: string): SubjectRef {
  const slash = text.indexOf('/');
  const [organisation, id] = [parseOrganisationId(text.slice(0, slash)), parseLocalId(text.slice(slash + 1))];
  if (!organisation || !id) throw new InvalidArgumentError(`"${text}" is not organisation/person`);
  return { organisation, kind: 'person', id };
}
