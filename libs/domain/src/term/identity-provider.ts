import type { IdentityProviderTerm, NamedPerson } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { ofStranger } from './places.js';

const fewerPersons = {
  words: 'fewer, each under the same name',
  holds: (before: readonly NamedPerson[], after: readonly NamedPerson[]): boolean =>
    after.every((one) => before.some(({ id, login }) => id === one.id && login === one.login)),
};

const repeats = (names: readonly string[]): boolean => new Set(names).size < names.length;

export const identityProvider: TermDeclaration<IdentityProviderTerm> = {
  meaning:
    'people of one party may log in at the other, which then says who holds their key, at its own machines and nowhere else; they stay people of their own company, which can log them in too and cut them',
  evaluator: 'agreement/identity-provider',
  points: ['gateway', 'broker', 'agent'],
  order: { party: 'identity', issuer: 'identity', persons: fewerPersons },
  added: 'wider',
  removed: 'narrower',
  // One name, one person: else the issuer could choose who it was.
  incoherent: (term, agreement) =>
    term.party === term.issuer ||
    [term.party, term.issuer].some((party) => ofStranger({ party }, agreement)) ||
    repeats(term.persons.map(({ id }) => id)) ||
    repeats(
      agreement.terms.flatMap((one) =>
        one.type === 'identity-provider' && 'issuer' in one && one.issuer === term.issuer
          ? one.persons.map(({ login }) => login)
          : [],
      ),
    ),
  words: ({ party, issuer, persons }) =>
    `${issuer} may log in people of ${party} at its own machines, and could pass for them there: ${persons.map(({ id, login }) => `${id} as ${login}`).join(', ')}`,
};
