import { layout, openPersonKey, readSettings } from '@interlock/company-side';
import { allow, type Decision, type LocalId, type Signal, type Signed } from '@interlock/domain';
import { type Signer, signed } from '@interlock/proof';
import { knownPassphrase } from './passphrase.js';

export interface FactOptions {
  readonly company: string;
  readonly person: LocalId;
  readonly signal: LocalId;
  readonly gone?: boolean;
  readonly passphraseFile?: string;
}

/** What a person says of a resource of his company, signed with his own key. */
export async function signFact(
  resource: LocalId,
  { company, person, signal, gone, passphraseFile }: FactOptions,
): Promise<Decision<{ readonly fact: Signed<Signal>; readonly key: Signer }>> {
  const { organisation } = readSettings(company);
  const key = openPersonKey(layout(company).person(person), organisation, await knownPassphrase(passphraseFile));
  if (!key.allowed) return key;
  const now = Date.now();
  const about = { kind: 'resource', id: resource } as const;
  const said: Signal = { typ: 'signal', v: 1, organisation, signal, about, holds: gone !== true, at: now };
  return allow({ fact: await signed(said, key.value, now), key: key.value });
}
