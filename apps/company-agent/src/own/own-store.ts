import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Journal, openJournal, readJsonIfThere, writeDurably } from '@interlock/company-side';
import { digest, signedAct, signedAgreement } from '@interlock/contracts';
import {
  type AccountFact,
  type Act,
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type OrganisationId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';

/** An act with the digest it is known by. Its signatures were verified before it was stored. */
export interface StoredAct {
  readonly act: Signed<Act>;
  readonly digest: Digest;
}

/** What the company's own provider said of one of its people. */
export interface AccountEntry {
  readonly kind: 'account-event';
  /** Issuer and `jti`; null for a change that was no event. */
  readonly token: string | null;
  readonly person: string;
  readonly type: string;
  readonly fact: { readonly name: AccountFact; readonly sound: boolean } | null;
  /** What of it may be told on to others. */
  readonly says?: Readonly<Record<string, string>> | undefined;
  /** When it was so, and when it was heard. */
  readonly at: number;
  readonly heardAt: number;
}

/** What an agent writes down; anything else in its journal is ignored by it, never dropped. */
export type AgentEntry =
  | { readonly kind: 'act'; readonly act: Signed<Act> }
  | { readonly kind: 'list-import'; readonly snapshot: Digest; readonly at: number }
  | { readonly kind: 'finding'; readonly code: string; readonly detail: string; readonly at: number }
  | { readonly kind: 'history'; readonly person: string; readonly target: string; readonly at: number }
  | {
      readonly kind: 'login-proof';
      readonly person: string;
      readonly grant: string;
      readonly jkt: string;
      /** Under which agreement, and until when something may be open by it. */
      readonly agreementId?: string;
      readonly until?: number;
      /** Its entry in the status list of the agreement, and every right it hangs on. */
      readonly idx?: number;
      readonly rights?: readonly string[];
      readonly at: number;
    }
  | {
      readonly kind: 'svid';
      readonly holder: string;
      readonly jkt: string;
      readonly until: number;
      readonly at: number;
    }
  | AccountEntry
  | {
      readonly kind: 'signed';
      readonly what: 'grant' | 'delegation' | 'approval' | 'release';
      readonly person: string;
      readonly digest: Digest;
      readonly at: number;
    };

const actEntry = z.looseObject({ kind: z.literal('act'), act: signedAct });
const importEntry = z.looseObject({ kind: z.literal('list-import'), snapshot: digest });
const yesEntry = z.looseObject({ kind: z.literal('signed'), what: z.literal('approval'), digest });

/** The agent's own durable memory. The broker forgets nothing of it for us, and can put nothing into it. */
export interface OwnStore {
  readonly journal: Journal;
  /** Every act held of one agreement: of this company and of its partners. */
  acts(agreement: AgreementId): readonly StoredAct[];
  ownActs(agreement: AgreementId): readonly StoredAct[];
  /** Durable when it is allowed. An `urgent` one may use the reserved space, and counts even where it is refused. */
  keepAct(act: Signed<Act>, urgent: boolean): Promise<Decision<StoredAct, 'evidence_unavailable'>>;
  /** Calls whenever an act counts that did not before. One listener; the last one stays. */
  onAct(call: () => void): void;
  note(entry: AgentEntry): Promise<Decision<unknown, 'evidence_unavailable'>>;
  /** Whether somebody of this company ever signed a yes to the document of this digest, whoever shows or hides that signature now. */
  saidYesTo(document: Digest): boolean;
  /** Writes down that the company's embargo lists are those of this snapshot now, where they were others; the snapshot names every edition. */
  noteLists(snapshot: Digest, at: number): Promise<void>;
  agreements(): readonly Signed<Agreement>[];
  /** The version with this digest, if it is kept. */
  agreement(digest: Digest): Signed<Agreement> | undefined;
  /** Keeps a version that was verified down to the pins. */
  keepAgreement(agreement: Signed<Agreement>): void;
  close(): Promise<void>;
}

/** Opens the agent's store under `dir` and reads back everything this company and its partners ever narrowed. */
export async function openOwnStore(dir: string, self: OrganisationId, maxBytes: number): Promise<OwnStore> {
  const journal = await openJournal(join(dir, 'journal'), { maxBytes, reservedBytes: 1_000_000 });
  const acts = new Map<AgreementId, Map<Digest, StoredAct>>();
  const remember = (act: Signed<Act>): StoredAct => {
    const stored = { act, digest: digestOf(act.document) };
    const known = acts.get(act.document.agreementId) ?? new Map<Digest, StoredAct>();
    acts.set(act.document.agreementId, known.set(stored.digest, known.get(stored.digest) ?? stored));
    return known.get(stored.digest) ?? stored;
  };
  let heard = (): void => undefined;
  const { yes, lists } = await readBack(journal, remember);
  const of = (agreement: AgreementId) => [...(acts.get(agreement)?.values() ?? [])];
  const agreements = agreementFiles(join(dir, 'agreements'));
  return {
    journal,
    acts: of,
    ownActs: (agreement) => of(agreement).filter(({ act }) => act.document.organisation === self),
    keepAct: async (act, urgent) => {
      if (acts.get(act.document.agreementId)?.has(digestOf(act.document))) return allow(remember(act));
      const entry: AgentEntry = { kind: 'act', act };
      const written = await (urgent ? journal.appendUrgent(entry) : journal.append(entry));
      // An urgent act counts from now on even where the disk failed: beats must name it, or a gateway would not miss it.
      const stored = written.allowed || urgent ? remember(act) : undefined;
      if (stored) heard();
      return written.allowed && stored ? allow(stored) : refuse('evidence_unavailable');
    },
    onAct: (call) => {
      heard = call;
    },
    note: (entry) => {
      if (entry.kind === 'signed' && entry.what === 'approval') yes.add(entry.digest);
      return journal.append(entry);
    },
    noteLists: listsNoted(journal, lists),
    saidYesTo: (document) => yes.has(document),
    ...agreements,
    close: () => journal.close(),
  };
}

function listsNoted(journal: Journal, last: Digest | undefined): OwnStore['noteLists'] {
  let obeyed = last;
  return async (snapshot, at) => {
    if (snapshot === obeyed) return;
    const entry: AgentEntry = { kind: 'list-import', snapshot, at };
    if ((await journal.append(entry)).allowed) obeyed = snapshot;
  };
}

interface ReadBack {
  readonly yes: Set<string>;
  readonly lists: Digest | undefined;
}

/** Hands every act of the journal on, and answers with the documents that somebody of this company said yes to and the lists it obeyed last. */
async function readBack(journal: Journal, remember: (act: Signed<Act>) => unknown): Promise<ReadBack> {
  const yes = new Set<string>();
  let lists: Digest | undefined;
  for await (const line of journal.readFrom(1)) {
    const [act, said] = [actEntry.safeParse(line.entry), yesEntry.safeParse(line.entry)];
    if (act.success) remember(act.data.act);
    if (said.success) yes.add(said.data.digest);
    const imported = importEntry.safeParse(line.entry);
    if (imported.success) lists = imported.data.snapshot;
  }
  return { yes, lists };
}

function agreementFiles(dir: string): Pick<OwnStore, 'agreement' | 'agreements' | 'keepAgreement'> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const held = new Map<Digest, Signed<Agreement>>();
  const nameOf = ({ id, version }: Agreement) => `${id}.${version}.json`;
  for (const name of readdirSync(dir).filter((file) => file.endsWith('.json'))) {
    const agreement = signedAgreement.parse(readJsonIfThere(join(dir, name)));
    if (nameOf(agreement.document) !== name) throw new Error(`${join(dir, name)} holds another agreement`);
    held.set(digestOf(agreement.document), agreement);
  }
  return {
    agreements: () => [...held.values()],
    agreement: (digest) => held.get(digest),
    keepAgreement: (agreement) => {
      const file = join(dir, nameOf(agreement.document));
      // A second document of one version can never take the place of the one this company knows, whoever of its own wrote that down.
      const there = readJsonIfThere(file);
      const kept = there === undefined ? agreement : signedAgreement.parse(there);
      if (there === undefined) writeDurably(file, JSON.stringify(agreement));
      held.set(digestOf(kept.document), kept);
    },
  };
}
