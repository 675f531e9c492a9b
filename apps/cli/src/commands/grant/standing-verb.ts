import {
  type AgreementId,
  allow,
  type Decision,
  type GrantKind,
  type Instant,
  type LocalId,
  parseLocalId,
  parseOrganisationId,
  type SubjectRef,
} from '@interlock/domain';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { asPerson, type PersonOptions, sessionAt } from '../login/login-commands.js';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { perform, type Shown, waitingFor } from '../perform.js';
import { actions, agreementId, gather, instant, localId, resource, span, wholeNumber } from '../read-arguments.js';
import { proposeStanding } from './ask-for-grant.js';
import { whole } from './show-grant.js';
import { type ListOptions, resourcesAsked, withLists } from './under-lists.js';

interface StandingOptions extends PersonOptions, ListOptions {
  readonly agreement: AgreementId;
  readonly kind: GrantKind;
  readonly subject?: readonly SubjectRef[];
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  readonly longest: number;
  readonly uses: number;
  readonly gateway: LocalId;
  readonly from?: Instant;
  readonly until: Instant;
  readonly passphraseFile?: string;
}

/** `interlock grant standing`: an approver says yes beforehand, to grants that nobody has asked for yet. */
export function standingVerb(grant: Command): void {
  withLists(asPerson(grant.command('standing')))
    .description('say yes beforehand, within bounds; the others of your company approve it with "grant approve"')
    .requiredOption('--agreement <id>', 'under which agreement', agreementId)
    .addOption(
      new Option('--kind <kind>', 'what kind')
        .choices(['remote-service', 'machine-to-machine'])
        .default('remote-service'),
    )
    .option(
      '--subject <organisation/kind:id>',
      'who may come, such as acme.example/person:fitter; may be given again',
      gather(subject),
    )
    .option('--resource <owner/id>', 'on what of your company; may be given again', gather(resource))
    .requiredOption('--actions <list>', 'services, separated by commas', actions)
    .requiredOption('--purpose <id>', 'what for', localId)
    .requiredOption('--longest <span>', 'how long a grant under it may be, such as 2h', span)
    .requiredOption('--uses <number>', 'how many sessions all grants under it may open', wholeNumber)
    .requiredOption('--gateway <id>', 'your gateway that counts them; no other one lets anybody in by it', localId)
    .option('--from <time>', 'not before this, with its zone; now where left out', instant)
    .requiredOption('--until <time>', 'not after this, with its zone; at most 90 days ahead', instant)
    .option(...PASSPHRASE_FILE)
    .action((options: StandingOptions) => perform(options, () => standing(options)));
}

async function standing(options: StandingOptions): Promise<Decision<Shown>> {
  if (!options.subject && !options.subjectsOf)
    throw new InvalidArgumentError('who may come: give --subject or --subjects-of');
  const passphrase = await knownPassphrase(options.passphraseFile);
  const wish = {
    agreementId: options.agreement,
    kind: options.kind,
    ...(options.subject && { subjects: options.subject }),
    ...resourcesAsked(options),
    actions: options.actions,
    purpose: options.purpose,
    window: { from: options.from ?? Date.now(), to: options.until },
    longestWindowSeconds: options.longest,
    uses: options.uses,
    gateway: options.gateway,
  };
  const proposed = await waitingFor('asking your agent', proposeStanding(sessionAt(options), wish, passphrase));
  if (!proposed.allowed) return proposed;
  const { json, lines } = whole(proposed.value);
  const next = proposed.value.complete ? 'it stands' : 'it stands when the others have approved it';
  return allow({ json, lines: [...lines, `proposed as ${proposed.value.id}, with your yes; ${next}`] });
}

const KINDS = ['person', 'machine', 'workload'] as const;

function subject(text: string): SubjectRef {
  const [, owner = '', kindSaid, name = ''] = /^([^/]+)\/([a-z]+):(.+)$/.exec(text) ?? [];
  const [organisation, kind, id] = [
    parseOrganisationId(owner),
    KINDS.find((one) => one === kindSaid),
    parseLocalId(name),
  ];
  if (!organisation || !kind || !id)
    throw new InvalidArgumentError(
      `"${text}" is not organisation/person:id, organisation/machine:id or organisation/workload:id`,
    );
  return { organisation, kind, id };
}
