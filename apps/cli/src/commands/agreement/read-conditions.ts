import {
  type DecisionPointTerm,
  type DelegationTerm,
  type EquivalenceTerm,
  type IdentityProviderTerm,
  type InsolvencyTerm,
  type MachinesTerm,
  type ResourceClassTerm,
  type SelectorTerm,
  type SignalTerm,
  type TimeLimitsTerm,
  TRANSFER_MECHANISMS,
  type TransferTerm,
} from '@interlock/domain';
import { InvalidArgumentError } from 'commander';
import { actions, country, digest, localId, localIds, organisation, span } from '../read-arguments.js';

const CLASSES = ['standard', 'critical', 'safety'] as const;

/** Parts of a text in a form with a fixed number of them; another number is wrong usage, with an example. */
function parts(text: string, form: RegExp, example: string): readonly string[] {
  const found = form.exec(text);
  if (!found) throw new InvalidArgumentError(`"${text}" has not the form of ${example}`);
  return found.slice(1).map((one) => one ?? '');
}

function oneOf<T extends string>(text: string, names: readonly T[]): T {
  const found = names.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`"${text}" is not ${names.join(', ')}`);
  return found;
}

function count(text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new InvalidArgumentError(`"${text}" is not a number from 1 to ${most}`);
  return number;
}

/** A span that a clause cannot do with none of. */
export function someTime(text: string): number {
  const seconds = span(text);
  if (seconds === 0) throw new InvalidArgumentError(`"${text}" is no time at all`);
  return seconds;
}

/** How far a clock may run ahead; no agreement makes it more than a minute. */
export function skew(text: string): number {
  const seconds = span(text);
  if (seconds > 60) throw new InvalidArgumentError(`"${text}" is more than the 60s that any agreement allows`);
  return seconds;
}

export const mostSessions = (text: string): number => count(text, 1_000);

/** `booking,approval,working`. */
export function timeLimits(text: string): Omit<TimeLimitsTerm, 'type' | 'kind'> {
  const [booking = '', approval = '', working = ''] = parts(text, /^([^,]+),([^,]+),([^,]+)$/, '7d,1d,8h');
  return {
    bookingSeconds: span(booking),
    approvalSeconds: someTime(approval),
    workingSeconds: someTime(working),
  };
}

/** `class=approvals:mode`. */
export function classRule(text: string): ResourceClassTerm {
  const [cls = '', approvals = '', mode = ''] = parts(text, /^([^=]+)=([^:]+):(.+)$/, 'critical=2:closed');
  return {
    type: 'resource-class',
    class: oneOf(cls, CLASSES),
    approvals: count(approvals, 9),
    mode: oneOf(mode, ['closed', 'static']),
  };
}

/** `owner:site:zone:class=services`. */
export function selector(text: string): SelectorTerm {
  const example = 'delta-foods.example:north:pressing:standard=ssh,rdp';
  const form = /^([^:]+):([^:]+):([^:]+):([^=]+)=(.*)$/;
  const [owner = '', site = '', zone = '', cls = '', services = ''] = parts(text, form, example);
  return {
    type: 'selector',
    owner: organisation(owner),
    site: localId(site),
    zone: localId(zone),
    class: oneOf(cls, CLASSES),
    services: actions(services),
  };
}

/** `party:signal:about:age`. */
export function signal(text: string): Pick<SignalTerm, 'party' | 'signal' | 'about' | 'maxAgeSeconds'> {
  const example = 'delta-foods.example:machine-stopped:resource:1min';
  const [party = '', name = '', about = '', age = ''] = parts(text, /^([^:]+):([^:]+):([^:]+):(.+)$/, example);
  return {
    party: organisation(party),
    signal: localId(name),
    about: oneOf(about, ['resource', 'subject', 'gateway']),
    maxAgeSeconds: someTime(age),
  };
}

/** A digest of a program, as `sha256sum` and `interlock gateway state` print it. */
export const release = (text: string): string => parts(text, /^([0-9a-f]{64})$/, 'the 64 digits of sha256sum').join('');

/** `party=age`. */
export function decisionPoint(text: string): DecisionPointTerm {
  const [party = '', age = ''] = parts(text, /^([^=]+)=(.+)$/, 'delta-foods.example=1min');
  return { type: 'decision-point', party: organisation(party), present: true, maxAgeSeconds: span(age) };
}

const countries = (text: string): readonly string[] => (text === '' ? [] : text.split(',').map(country));

/** `storage/transit/access`. */
export function places(text: string): Pick<TransferTerm, 'storage' | 'transit' | 'access'> {
  const [storage = '', transit = '', access = ''] = parts(text, /^([^/]*)\/([^/]*)\/([^/]*)$/, 'DE/DE,AT/DE,US');
  return { storage: countries(storage), transit: countries(transit), access: countries(access) };
}

/** `country=mechanism`, and with `:digest` the document that says so. */
export function mechanism(text: string): TransferTerm['mechanisms'][number] {
  const example = 'US=standard-contractual-clauses:sha256:...';
  const [name = '', way = '', document = ''] = parts(text, /^([^=]+)=([^:]+)(?::(.+))?$/, example);
  return {
    country: country(name),
    mechanism: oneOf(way, TRANSFER_MECHANISMS),
    document: document === '' ? null : digest(document),
  };
}

/** `depth=organisation,organisation`: the owner approves each. */
export function delegation(text: string): DelegationTerm {
  const [depth = '', delegates = ''] = parts(text, /^([^=]+)=(.+)$/, '1=alpine-presses.example');
  return {
    type: 'delegation',
    depth: count(depth, 8),
    delegates: delegates.split(',').map(organisation),
    unapproved: [],
  };
}

/** `issuer:party/person=login`. */
export function identityProvider(text: string): IdentityProviderTerm {
  const example = 'delta-foods.example:alpine-presses.example/technician=guest-4711';
  const [issuer = '', party = '', id = '', login = ''] = parts(text, /^([^:]+):([^/]+)\/([^=]+)=(.+)$/, example);
  const persons = [{ id: localId(id), login: localId(login) }];
  return { type: 'identity-provider', party: organisation(party), issuer: organisation(issuer), persons };
}

/** `party:control=warning`. */
export function equivalence(text: string): Pick<EquivalenceTerm, 'party' | 'control' | 'warnSeconds'> {
  const example = 'alpine-presses.example:iec-62443-3-3/sr-1.1=7d';
  const [party = '', control = '', warn = ''] = parts(text, /^([^:]+):([^=]+)=(.+)$/, example);
  return { party: organisation(party), control: localId(control), warnSeconds: span(warn) };
}

/** `sites=zones`; after the end of support nothing is used. */
export function machines(text: string): Pick<MachinesTerm, 'sites' | 'zones' | 'afterSupport'> {
  const [sites = '', zones = ''] = parts(text, /^([^=]+)=(.+)$/, 'north,south=pressing');
  return { sites: localIds(sites), zones: localIds(zones), afterSupport: 'refuse' };
}

/** `party=wait`, and with `:successor` who it goes on for. */
export function insolvency(text: string): Pick<InsolvencyTerm, 'party' | 'successor' | 'waitSeconds'> {
  const example = 'alpine-presses.example=30d:delta-foods.example';
  const [party = '', wait = '', successor = ''] = parts(text, /^([^=]+)=([^:]+)(?::(.+))?$/, example);
  return {
    party: organisation(party),
    waitSeconds: span(wait),
    successor: successor === '' ? null : organisation(successor),
  };
}
