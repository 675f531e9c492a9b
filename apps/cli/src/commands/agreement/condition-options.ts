import {
  type AgreedResource,
  clauseOf,
  type DataTerm,
  type DecisionPointTerm,
  type DelegationTerm,
  type GrantKind,
  type IdentityProviderTerm,
  type LocalId,
  type OrganisationId,
  type ResourceClassTerm,
  type SelectorTerm,
  type Term,
} from '@interlock/domain';
import type { Command } from 'commander';
import { gather, localIds, organisation } from '../read-arguments.js';
import { NARROWEST } from './draft-agreement.js';
import {
  classRule,
  decisionPoint,
  delegation,
  equivalence,
  identityProvider,
  insolvency,
  machines,
  mechanism,
  mostSessions,
  places,
  release,
  selector,
  signal,
  skew,
  someTime,
  timeLimits,
} from './read-conditions.js';

/** Clauses beside who, what and how long. They are never asked for. */
export interface ConditionFlags {
  readonly sessions: number;
  readonly reLogin: number;
  readonly loginBy?: readonly string[];
  readonly clockSkew: number;
  readonly timeLimits?: ReturnType<typeof timeLimits>;
  readonly fileTransfer?: readonly LocalId[];
  readonly resourceClass?: readonly ResourceClassTerm[];
  readonly selector?: readonly SelectorTerm[];
  readonly signal?: readonly ReturnType<typeof signal>[];
  readonly release?: readonly string[];
  readonly decisionPoint?: readonly DecisionPointTerm[];
  readonly transfer?: ReturnType<typeof places>;
  readonly transferMechanism?: readonly ReturnType<typeof mechanism>[];
  readonly delegation?: DelegationTerm;
  readonly identityProvider?: readonly IdentityProviderTerm[];
  readonly equivalence?: readonly ReturnType<typeof equivalence>[];
  readonly machines?: ReturnType<typeof machines>;
  readonly insolvency?: readonly ReturnType<typeof insolvency>[];
  readonly safetyNotice?: number;
  readonly singleCustody?: readonly OrganisationId[];
}

/** What the clauses are about. */
export interface Conditioned {
  readonly kinds: readonly GrantKind[];
  readonly resources: readonly AgreedResource[];
  readonly longestWindowSeconds: number;
  readonly data: readonly DataTerm[];
}

/** Adds an option for each of them. */
export const conditionOptions = (verb: Command): Command =>
  aboutPapers(
    verb
      .option('--sessions <number>', 'sessions of one grant at a time', mostSessions, NARROWEST.sessions)
      .option('--re-login <span>', 'how long a login counts', someTime, NARROWEST.reLoginSeconds)
      .option(
        '--login-by <acr>',
        'how people log in, as "acr" of their own provider; may be given again',
        gather(String),
      )
      .option('--clock-skew <span>', 'how far the partner clock may run ahead', skew, NARROWEST.skewSeconds)
      .option(
        '--time-limits <booking,approval,working>',
        'how far ahead remote service is booked, how long an approval is good for, how long work goes on; such as 7d,1d,8h',
        timeLimits,
      )
      .option('--file-transfer <services>', 'services that may bring files, or "" for none', localIds)
      .option('--resource-class <class=approvals:mode>', 'what a class demands; may be given again', gather(classRule))
      .option(
        '--selector <owner:site:zone:class=services>',
        'every machine recorded there; may be given again',
        gather(selector),
      )
      .option(
        '--signal <party:signal:about:age>',
        'a fact that must hold, about a resource, a subject, or the gateway (PARTY:program:gateway:10min); may be given again',
        gather(signal),
      )
      .option(
        '--release <sha256>',
        'a program that a gateway may run, where its program is such a fact; may be given again',
        gather(release),
      )
      .option('--safety-notice <span>', "how long before the other side's cut ends what safety relies on", someTime),
  );

const aboutPapers = (verb: Command): Command =>
  verb
    .option('--decision-point <party=age>', 'whose fresh yes is needed; may be given again', gather(decisionPoint))
    .option('--transfer <storage/transit/access>', 'countries of the data, such as DE/DE,AT/DE,US', places)
    .option(
      '--transfer-mechanism <country=mechanism>',
      'by what law data goes there, with :digest of the document; may be given again',
      gather(mechanism),
    )
    .option('--delegation <depth=organisations>', 'how many times over, and to whom, grants are handed on', delegation)
    .option(
      '--identity-provider <issuer:party/person=login>',
      'who logs in at the owner of the machines, and as whom; may be given again',
      gather(identityProvider),
    )
    .option(
      '--equivalence <party:control=warning>',
      'a control that a party meets in an accepted way; may be given again',
      gather(equivalence),
    )
    .option(
      '--single-custody <organisation>',
      'whose one agent may hold all its keys; may be given again',
      gather(organisation),
    )
    .option('--machines <sites=zones>', 'the resources are recorded and stand there', machines)
    .option(
      '--insolvency <party=wait>',
      'what goes on without an insolvent party, with :successor; may be given again',
      gather(insolvency),
    );

/** The clauses that these options say. What was not named is the narrowest; a clause that would give more than its absence is left out. */
export function conditionTerms(flags: ConditionFlags, about: Conditioned): readonly Term[] {
  const access = about.kinds.filter((kind) => kind !== 'data-collection');
  return [
    ...access.map((kind): Term => ({ type: 'sessions', kind, most: flags.sessions })),
    ...(access.includes('remote-service') ? timeTerms(flags, about) : []),
    { type: 'clock-skew', seconds: flags.clockSkew },
    ...(flags.fileTransfer ? [{ type: 'file-transfer' as const, services: flags.fileTransfer }] : []),
    ...(flags.resourceClass ?? []),
    ...(flags.selector ?? []),
    ...(flags.safetyNotice === undefined ? [] : [{ type: 'safety-notice' as const, seconds: flags.safetyNotice }]),
    ...(flags.decisionPoint ?? []),
    ...transferTerms(flags, about.data),
    ...(flags.singleCustody ?? []).map((party): Term => ({ type: 'custody', party, custody: 'single' })),
    ...(flags.delegation ? [flags.delegation] : []),
    ...eachProvider(flags.identityProvider ?? []),
    ...paperTerms(flags, about),
  ];
}

/** One clause for each company and who logs its people in. */
function eachProvider(named: readonly IdentityProviderTerm[]): readonly Term[] {
  const clauses = new Map<string, IdentityProviderTerm>();
  for (const one of named) {
    const before = clauses.get(clauseOf(one));
    clauses.set(clauseOf(one), { ...one, persons: [...(before?.persons ?? []), ...one.persons] });
  }
  return [...clauses.values()];
}

/** Of people alone: a machine has no login, and its windows are as long as the agreement. */
const timeTerms = ({ reLogin, loginBy, timeLimits: said }: ConditionFlags, about: Conditioned): readonly Term[] => [
  { type: 're-login', seconds: reLogin, ...(loginBy && { acr: loginBy }) },
  {
    ...{ type: 'time-limits', kind: 'remote-service' },
    ...(said ?? { ...NARROWEST.timeLimits, workingSeconds: about.longestWindowSeconds }),
  },
];

const transferTerms = ({ transfer, transferMechanism = [] }: ConditionFlags, data: readonly DataTerm[]) =>
  transfer
    ? data.map(
        ({ product, resource }): Term => ({
          ...{ type: 'transfer', product, resource },
          ...transfer,
          mechanisms: transferMechanism,
        }),
      )
    : [];

/** Of every kind of use and every resource of the version: fewer would be asked of less. */
function paperTerms(flags: ConditionFlags, { kinds, resources }: Conditioned): readonly Term[] {
  const named = resources.map(({ owner, id }) => ({ owner, id }));
  return [
    ...(flags.signal ?? []).map(
      (one): Term => ({
        ...{ type: 'signal', kinds, ...one, live: true },
        resources: one.about === 'resource' ? named.filter(({ owner }) => owner === one.party) : [],
        ...(one.about === 'gateway' && flags.release && { releases: flags.release }),
      }),
    ),
    ...(flags.equivalence ?? []).map((one): Term => ({ type: 'equivalence', kinds, resources: [], ...one })),
    ...(flags.machines ? [{ type: 'machines' as const, resources: named, ...flags.machines }] : []),
    ...(flags.insolvency ?? []).map((one): Term => ({ type: 'insolvency', kinds, resources: named, ...one })),
  ];
}
