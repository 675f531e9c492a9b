import { dormancy } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type Dormancy,
  type GrantId,
  type GrantKind,
  type Instant,
  type LocalId,
  parseLocalId,
  type ResourceRef,
  type SubjectKind,
  type SubjectRef,
} from '@interlock/domain';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { organisationOf } from '../login/ask-agent.js';
import { asPerson, type PersonOptions, sessionAt, sessionOrLogin } from '../login/login-commands.js';
import { type AddressOptions, withAddress } from '../login/show-address.js';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { perform, type Shown, tell, waitingFor } from '../perform.js';
import {
  actions,
  agreementId,
  gather,
  grantId,
  instant,
  localId,
  readJsonFile,
  resource,
  span,
} from '../read-arguments.js';
import { dueWords, utc } from '../words.js';
import {
  approveGrant,
  type Denial,
  denyGrant,
  type GrantRow,
  type GrantWish,
  type Inbox,
  listGrants,
  readInbox,
  requestGrant,
  showGrant,
} from './ask-for-grant.js';
import { revokeVerbs } from './cut-verbs.js';
import { delegateVerb } from './delegate-verb.js';
import { factsOf, whole } from './show-grant.js';
import { standingVerb } from './standing-verb.js';
import { resourcesAsked, withLists } from './under-lists.js';

/** `interlock grant` and `interlock inbox`: what people ask for and decide, at their own company's agent. */
export function grantCommands(program: Command): void {
  const grant = program.command('grant').description('ask for access, say yes or no, take it away');
  requestVerb(grant);
  asPerson(grant.command('list'))
    .description('every grant of your company')
    .action((options: PersonOptions) =>
      perform(options, async () => {
        const read = await waitingFor('asking your agent', listGrants(sessionAt(options)));
        if (!read.allowed) return read;
        const { grants } = read.value;
        const lines = grants.length === 0 ? ['there is no grant yet'] : grants.map(oneLine);
        return allow({ json: { grants }, lines });
      }),
    );
  asPerson(grant.command('show'))
    .argument('<id>', 'the grant, by its id (grt_...)', grantId)
    .description('everything a grant says, verified by your own agent')
    .action((id: GrantId, options: PersonOptions) =>
      perform(options, async () => {
        const shown = await waitingFor('asking your agent', showGrant(sessionAt(options), id));
        return shown.allowed ? allow(whole(shown.value)) : shown;
      }),
    );
  approveVerb(grant);
  denyVerb(grant);
  delegateVerb(grant);
  standingVerb(grant);
  revokeVerbs(grant);
  inboxVerb(program);
}

interface RequestOptions extends PersonOptions, AddressOptions {
  readonly agreement: AgreementId;
  readonly kind: GrantKind;
  readonly resource?: readonly ResourceRef[];
  readonly resourcesOf?: Digest;
  readonly subjectsOf?: Digest;
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  readonly ticket?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  readonly for?: number;
  readonly every?: string;
  readonly start?: string;
  readonly zone?: string;
  readonly subject?: readonly Omit<SubjectRef, 'organisation'>[];
  readonly dormant?: Dormancy;
  readonly standingApproval?: GrantId;
  readonly passphraseFile?: string;
}

function requestVerb(grant: Command): void {
  const command = withAddress(asPerson(grant.command('request')))
    .description('ask for a grant; it counts when the owner of the resource has approved it')
    .requiredOption('--agreement <id>', 'under which agreement', agreementId)
    .addOption(
      new Option('--kind <kind>', 'what kind')
        .choices(['remote-service', 'data-collection', 'machine-to-machine'])
        .default('remote-service'),
    )
    .option('--resource <owner/id>', 'on what; may be given again', gather(resource))
    .requiredOption('--actions <list>', 'services, or the data product, separated by commas', actions)
    .requiredOption('--purpose <id>', 'what for', localId)
    .option('--ticket <ticket>', 'your ticket, where the agreement asks for one')
    .option('--from <time>', 'start of the window, with its zone; now where left out', instant)
    .option('--to <time>', 'end of the window, with its zone', instant)
    .option('--for <span>', 'length of the window, such as 2h, in place of --to', span)
    .option(
      '--every <rrule>',
      'recurring windows (RFC 5545), such as FREQ=WEEKLY;BYDAY=TU; each as long as --for, until --to',
    )
    .option('--start <local>', 'local time at which the first one begins, such as 2026-06-02T22:00')
    .option('--zone <zone>', 'time zone of the plant, in which they recur, such as Europe/Vienna')
    .option(
      '--subject <kind:id>',
      'person:, machine: or workload: of your company; you where left out',
      gather(subject),
    );
  withLists(command)
    .option(
      '--dormant <file>',
      'keys, time and uses by which an approver activates it at the gateway (JSON)',
      dormantIn,
    )
    .option('--standing-approval <id>', "the owner's yes of before that it rests on; nobody is asked again", grantId)
    .option(...PASSPHRASE_FILE)
    .action((options: RequestOptions) => perform(options, () => request(options)));
}

async function request(options: RequestOptions): Promise<Decision<Shown>> {
  const when = whenAsked(options);
  const session = await sessionOrLogin(options);
  if (!session.allowed) return session;
  const call = session.value;
  const passphrase = await knownPassphrase(options.passphraseFile);
  const organisation = options.subject && (await organisationOf(call));
  const wish = {
    agreementId: options.agreement,
    kind: options.kind,
    ...(organisation && { subjects: options.subject?.map((one) => ({ organisation, ...one })) ?? [] }),
    ...resourcesAsked(options),
    actions: options.actions,
    purpose: options.purpose,
    ticket: options.ticket ?? null,
    ...when,
    ...(options.dormant && { dormant: options.dormant }),
    ...(options.standingApproval && { standingApproval: options.standingApproval }),
  };
  const asked = await waitingFor('asking your agent', requestGrant(call, wish, passphrase));
  if (!asked.allowed) return asked;
  const { json, lines } = whole(asked.value);
  const next = options.standingApproval ? 'the owner approved it beforehand' : 'the owner of the resource approves it';
  return allow({ json, lines: [...lines, `asked for as ${asked.value.id}; ${next}`] });
}

function whenAsked(options: RequestOptions): Pick<GrantWish, 'windows' | 'recurrence'> {
  const { every, start, zone, to: until, for: seconds } = options;
  if (every !== undefined) {
    if (start === undefined || zone === undefined || seconds === undefined || until === undefined)
      throw new InvalidArgumentError('--every needs --start, --zone, --for and --to');
    const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(start) ? `${start}:00` : start;
    return { recurrence: { rule: every, start: local, zone, seconds, until } };
  }
  const from = options.from ?? Date.now();
  const to = until ?? (seconds === undefined ? undefined : from + seconds * 1000);
  if (to === undefined) throw new InvalidArgumentError('a window has an end: give --to or --for');
  return { windows: [{ from, to }] };
}

function dormantIn(file: string): Dormancy {
  const read = dormancy.safeParse(readJsonFile(file));
  if (!read.success) throw new InvalidArgumentError(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

const KINDS: readonly SubjectKind[] = ['person', 'machine', 'workload'];

function subject(text: string): Omit<SubjectRef, 'organisation'> {
  const colon = text.indexOf(':');
  const kind = KINDS.find((one) => one === text.slice(0, colon));
  const id = parseLocalId(text.slice(colon + 1));
  if (!kind || !id) throw new InvalidArgumentError(`"${text}" is not person:, machine: or workload: with an id`);
  return { kind, id };
}

interface ApproveOptions extends PersonOptions, AddressOptions {
  readonly passphraseFile?: string;
  readonly digest?: string;
}

function approveVerb(grant: Command): void {
  withAddress(asPerson(grant.command('approve')))
    .argument('<id>', 'the grant, by its id (grt_...)', grantId)
    .option('--digest <digest>', 'approve only if this is the digest of what is shown')
    .option(...PASSPHRASE_FILE)
    .description('read a grant, and sign your yes with your own key')
    .action((id: GrantId, options: ApproveOptions) => perform(options, () => approve(id, options)));
}

async function approve(id: GrantId, options: ApproveOptions): Promise<Decision<Shown>> {
  const session = await sessionOrLogin(options);
  if (!session.allowed) return session;
  const call = session.value;
  const shown = await waitingFor('asking your agent', showGrant(call, id));
  if (!shown.allowed) return shown;
  const { digest } = shown.value;
  for (const line of whole(shown.value).lines) tell(line);
  if (options.digest !== undefined && options.digest !== digest)
    return { allowed: false, refusal: { code: 'not_what_was_shown', detail: `what is shown has digest ${digest}` } };
  const passphrase = await knownPassphrase(options.passphraseFile);
  const signed = await waitingFor('signing', approveGrant(call, id, digest as Digest, passphrase));
  if (!signed.allowed) return signed;
  const { complete, approvers } = signed.value;
  return allow({
    json: factsOf(signed.value),
    lines: [`approved by ${approvers.join(', ')}; ${complete ? 'it is complete' : 'more approvals are needed'}`],
  });
}

function denyVerb(grant: Command): void {
  asPerson(grant.command('deny'))
    .argument('<id>', 'the grant, by its id (grt_...)', grantId)
    .requiredOption('--reason <text>', 'why; the partner reads it')
    .option('--internal-reason <text>', 'why, for your company alone: the partner sees a digest')
    .option('--internal-ticket <text>', "your company's own number for it, likewise")
    .description('say no to a grant that is asked for')
    .action((id: GrantId, options: PersonOptions & Denial) =>
      perform(options, async () => {
        const { reason, internalReason, internalTicket } = options;
        const said = { reason, ...(internalReason && { internalReason }), ...(internalTicket && { internalTicket }) };
        const denied = await waitingFor('asking your agent', denyGrant(sessionAt(options), id, said));
        return denied.allowed ? allow({ json: { id, denied: true }, lines: [`denied ${id}`] }) : denied;
      }),
    );
}

function inboxVerb(program: Command): void {
  asPerson(program.command('inbox'))
    .description('what waits for your company, and for you')
    .action((options: PersonOptions) =>
      perform(options, async () => {
        const read = await waitingFor('asking your agent', readInbox(sessionAt(options)));
        return read.allowed ? allow({ json: { ...read.value }, lines: inboxLines(read.value) }) : read;
      }),
    );
}

function oneLine({ id, status, complete, subjects, resources, actions, windows }: GrantRow): string {
  const who = subjects.map((one) => `${one.organisation}/${one.id}`).join(', ');
  const what = resources.map((one) => `${one.owner}/${one.id}`).join(', ');
  const until = utc(Math.max(...windows.map(({ to }) => to)));
  return `${id}: ${who} on ${what} (${actions.join(', ')}) until ${until}: ${status}${complete ? '' : ', approvals missing'}`;
}

function inboxLines({ person, agreements, grants, reviews, reviewsUnread }: Inbox): string[] {
  return [
    `${person.id} (${person.groups.join(', ') || 'no groups'})`,
    ...agreements.map(
      (one) =>
        `agreement ${one.id} version ${one.version} is not in force; signed by ${one.signedBy.join(' and ') || 'nobody'}`,
    ),
    ...grants.map(
      (one) => `grant ${one.id} of ${one.owner} waits${one.mine ? ' for you: "interlock grant approve"' : ''}`,
    ),
    ...reviews.map(
      ({ agreement, session, resource, subject, activatedBy, due, mine }) =>
        `${activatedBy ?? 'somebody'} activated ${session} of ${subject} on ${resource}, and nobody has looked at it${dueWords(due)}${mine ? `: "interlock audit review ${agreement} ${session}"` : ''}`,
    ),
    ...reviewsUnread.map(
      (one) => `the log of ${one.agreement} could not be read (${one.refusal.code}): something may wait there`,
    ),
    ...(agreements.length + grants.length + reviews.length + reviewsUnread.length === 0 ? ['nothing waits'] : []),
  ];
}
