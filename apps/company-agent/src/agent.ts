import type { KeyObject } from 'node:crypto';
import type { CompanyView, embargoReader, Log } from '@interlock/company-side';
import type { AgreementId, Instant, OrganisationId, Thumbprint } from '@interlock/domain';
import type { Signer } from '@interlock/proof';
import type { AccountBook } from './accounts/account-book.js';
import type { statusLists } from './beat/status-list.js';
import type { BrokerApi } from './broker/broker-api.js';
import type { IssuedLogins } from './login/issued-logins.js';
import type { RoleBook } from './login/role-book.js';
import type { OwnStore } from './own/own-store.js';
import type { RefusedHere } from './own/refused-here.js';
import type { PartnerBook } from './partners/partner-book.js';

/** The keys a running agent holds. None of them can certify, approve, agree, end an agreement or change the root. */
export interface AgentKeys {
  readonly agent: Signer;
  readonly beat: Signer;
  readonly witness: KeyObject;
}

/** One company's running agent: what every verb here works with. */
export interface Agent {
  readonly dir: string;
  readonly organisation: OrganisationId;
  /** Where people reach it; the only origin whose forms count. */
  readonly origin: string;
  readonly timeZone: string;
  readonly keys: AgentKeys;
  readonly store: OwnStore;
  /** What the company's own provider said of its people. */
  readonly accounts: AccountBook;
  /** The login proofs it issued, by their entries in the lists. */
  readonly logins: IssuedLogins;
  /** Signs the status list of one agreement, or gives the one that still says the same. */
  readonly statusList: ReturnType<typeof statusLists>;
  readonly partners: PartnerBook;
  /** What was refused here, to whomever, for the company's own evidence. */
  readonly refused: RefusedHere;
  /** Who may be what inside this company. */
  readonly roles: RoleBook;
  /** The company's own embargo lists, verified; read again when they change. */
  readonly embargo: ReturnType<typeof embargoReader>;
  readonly broker: BrokerApi;
  /** Keys whose certificates the broker took since it was last reached: what another one signs now, it does not know. */
  readonly publishedKeys: Set<Thumbprint>;
  readonly log: Log;
  /** The company's folder as it is now, a second old at most, or read `anew`; renewed certificates and new pins count without a restart. */
  company(anew?: boolean): CompanyView;
  now(): Instant;
  /** `prefix_` and 26 random letters. */
  newId(prefix: string): string;
  /** 128 random bits as text. */
  newSecret(): string;
  /** Runs one thing after the other: what is counted or compared before it is signed must not be overtaken. */
  inTurn<T>(what: 'acts' | `log ${string}` | 'agreements', work: () => Promise<T>): Promise<T>;
}

/** A queue by name. A failed turn fails for its caller and holds nobody up. */
export function makeTurns(): Agent['inTurn'] {
  const last = new Map<string, Promise<unknown>>();
  return (what, work) => {
    const turn = (last.get(what) ?? Promise.resolve()).then(work, work);
    last.set(
      what,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

/** Something this company must look at: written down, and said in the log. It changes no answer by itself. */
export async function finding(agent: Agent, code: string, detail: string, agreementId?: AgreementId): Promise<void> {
  agent.log.warn({ event: 'finding', code, detail, ...(agreementId && { agreementId }) }, 'finding');
  await agent.store.note({ kind: 'finding', code, detail, at: agent.now() });
}
