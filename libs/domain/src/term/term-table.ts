import type { Agreement, Term, TermType, UnknownTerm } from '../documents/agreement.js';
import { machineToMachine, remoteService } from './access.js';
import { custody } from './custody.js';
import { dataCollection } from './data-collection.js';
import type { TermDeclaration, TermOf } from './declare-term.js';
import { delegation } from './delegation.js';
import { equivalence } from './equivalence.js';
import { evidence } from './evidence.js';
import { fileTransfer } from './file-transfer.js';
import { hours } from './hours.js';
import { identityProvider } from './identity-provider.js';
import { insolvency } from './insolvency.js';
import { machines } from './machines.js';
import { notice } from './notice.js';
import { offline } from './offline.js';
import { region } from './region.js';
import { resourceClass } from './resource-class.js';
import { safetyNotice } from './safety-notice.js';
import { selector } from './selector.js';
import { clockSkew, reLogin, sessions } from './sessions.js';
import { signal } from './signal.js';
import { thirdParty } from './third-party.js';
import { timeLimits } from './time-limits.js';
import { transfer } from './transfer.js';
import { decisionPoint, embargo } from './verdicts.js';

/** Every kind of term there is. How to add one: docs/adding-a-term.md. */
export const TERMS: { readonly [K in TermType]: TermDeclaration<TermOf<K>> } = {
  'remote-service': remoteService,
  'machine-to-machine': machineToMachine,
  'data-collection': dataCollection,
  region,
  offline,
  'resource-class': resourceClass,
  selector,
  hours,
  'file-transfer': fileTransfer,
  sessions,
  're-login': reLogin,
  'clock-skew': clockSkew,
  'safety-notice': safetyNotice,
  transfer,
  embargo,
  'decision-point': decisionPoint,
  evidence,
  custody,
  notice,
  'third-party': thirdParty,
  equivalence,
  machines,
  insolvency,
  delegation,
  'identity-provider': identityProvider,
  'time-limits': timeLimits,
  signal,
};

/** What a declaration looks like to code that treats all kinds alike. */
export type AnyDeclaration = TermDeclaration<{ readonly type: string }>;

export const isKnownTerm = (term: Term | UnknownTerm): term is Term => Object.hasOwn(TERMS, term.type);

/** The declaration of a term's own kind. */
export const declarationOf = (term: Term): AnyDeclaration => TERMS[term.type] as unknown as AnyDeclaration;

/** What makes two terms, of one version or of two, the same clause. */
export function clauseOf(term: Term | UnknownTerm): string {
  if (!isKnownTerm(term)) return term.type;
  const members = Object.entries(declarationOf(term).order).filter(([, place]) => place === 'identity');
  const values = members.map(([member]) => nameOf((term as unknown as Readonly<Record<string, unknown>>)[member]));
  return [term.type, ...values].join(' ');
}

/** Members in the order of their names: two spellings of one reference are one name. */
const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .sort(([a], [b]) => (a < b ? 1 : -1))
        .map(([, part]) => nameOf(part))
        .join('/')
    : String(value);

/** A term in plain words; one that nothing here can evaluate is said to be exactly that. */
export const termWords = (term: Term | UnknownTerm): string =>
  isKnownTerm(term)
    ? declarationOf(term).words(term)
    : `"${term.type}" is of a kind that nothing here can evaluate, so the agreement cannot take effect`;

/** Whether a known term contradicts the rest of its agreement. */
export const termIncoherent = (term: Term, agreement: Agreement): boolean =>
  declarationOf(term).incoherent?.(term, agreement) ?? false;
