import type { SignalStream } from '@interlock/company-side';
import {
  type AccountEventType,
  CAEP_EVENTS,
  type LocalId,
  type OwnSubjects,
  type ToldEvent,
  toldByAct,
} from '@interlock/domain';
import { digestOf, thumbprintOf } from '@interlock/proof';
import type { Agent } from '../agent.js';

/** One event for one receiver. Its name follows from what happened, so the same thing found again has the same one. */
export interface ToTell {
  readonly jti: string;
  readonly txn: string;
  readonly told: ToldEvent;
}

/** Everything that this receiver is to be told, of what the company's own disk says; told or not. */
export function toTell(agent: Agent, stream: SignalStream): readonly ToTell[] {
  const own = ownSubjects(agent);
  const found: ToTell[] = [];
  const tell = (source: string, told: ToldEvent) => {
    if (told.at < stream.since || !concerns(agent, stream, told)) return;
    const name = digestOf({ stream: stream.id, audience: stream.audience, source, type: told.type, ...told.subject });
    found.push({ jti: name.slice('sha256:'.length), txn: source, told });
  };
  const agreements = new Set(agent.store.agreements().map(({ document }) => document.id));
  for (const id of agreements)
    for (const { act, digest } of agent.store.ownActs(id))
      for (const told of toldByAct(act.document, own)) tell(digest, told);
  for (const { token, person, type, says, at } of agent.accounts.toTell()) {
    const known = CAEP_EVENTS.find((one) => one === (type as AccountEventType));
    if (!known || !says || token === null) continue;
    const subject = { kind: 'person', id: person } as const;
    tell(digestOf({ event: token }), { type: known, subject, says, by: 'policy', at, agreementId: null });
  }
  return found;
}

/** A receiver of one agreement hears of what was done under it, and of people who logged in under it: of nobody else of the company. */
function concerns(agent: Agent, { agreementId }: SignalStream, told: ToldEvent): boolean {
  if (agreementId === null) return true;
  if (told.agreementId !== null) return told.agreementId === agreementId;
  return (
    told.subject.kind === 'person' && agent.logins.of(agreementId).some(({ person }) => person === told.subject.id)
  );
}

function ownSubjects(agent: Agent): OwnSubjects {
  const { certificates } = agent.company();
  const holders = new Map<string, { readonly kind: string; readonly id: LocalId }>();
  for (const { document } of certificates) holders.set(thumbprintOf(document.key), document.holder);
  return {
    organisation: agent.organisation,
    logins: (agreement) => agent.logins.of(agreement),
    holderOf: (thumbprint) => holders.get(thumbprint),
  };
}
