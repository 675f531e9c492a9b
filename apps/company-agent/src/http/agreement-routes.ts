import {
  type Agreement,
  type AgreementId,
  allow,
  type Decision,
  refuse,
  type Signed,
  termWords,
} from '@interlock/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { listAgreements, type ReadAgreement, stateOf, versionsOf } from '../agreements/agreements.js';
import { agreementFacts, agreementPage, agreementRows } from '../pages/agreement-page.js';
import { html } from '../pages/html.js';
import { empty, pager, ROWS } from '../pages/page.js';
import { EVERYBODY, sendDecision, sendPage, sendRefusal } from './door.js';
import { malformed } from './grant-reply.js';

const version = z.coerce.number().int().min(1).max(1_000_000).optional();
const asked = z.strictObject({ version, against: version });
/** Which row of a list a page begins with. */
export const rowsFrom = z.looseObject({ from: z.coerce.number().int().min(0).max(10_000_000).catch(0) });

/** Agreements in words, each version of them, and what one version says that another does not. */
export function agreementRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/agreements', { config: EVERYBODY }, async (request, reply) => {
    const { from } = rowsFrom.parse(request.query);
    return sendDecision(request, reply, agent, await listAgreements(agent), {
      json: (all) => ({ agreements: all.map(agreementJson(agent)) }),
      page: (all) => sendPage(request, reply, agent, 'Agreements', agreementList(all, from)),
    });
  });
  app.get('/agreements/:id', { config: EVERYBODY }, async (request, reply) => {
    const { id } = request.params as { id: AgreementId };
    const query = asked.safeParse(request.query);
    if (!query.success) return sendRefusal(request, reply, agent, malformed(query));
    const versions = await versionsOf(agent, id);
    if (!versions.allowed) return sendRefusal(request, reply, agent, versions.refusal);
    const chosen = pair(versions.value, query.data);
    return sendDecision(request, reply, agent, chosen, {
      json: ({ read }) => agreementJson(agent)(read),
      page: ({ read, against }) => {
        const known = versions.value.map((one) => ({ read: one, state: stateOf(agent, one) }));
        return sendPage(request, reply, agent, 'Agreement', agreementPage(read, agent.timeZone, known, against));
      },
    });
  });
}

interface Pair {
  readonly read: ReadAgreement;
  readonly against: Signed<Agreement> | undefined;
}

/** The version that was asked for, or the newest; and the one to hold beside it, or the one before it. */
function pair(
  versions: readonly ReadAgreement[],
  { version: wanted, against }: z.infer<typeof asked>,
): Decision<Pair, 'not_a_party'> {
  const numbered = (one: number) => versions.find(({ agreement }) => agreement.document.version === one);
  const read = wanted === undefined ? versions[0] : numbered(wanted);
  const before = versions.find(({ agreement }) => agreement.document.version < (read?.agreement.document.version ?? 0));
  const other = against === undefined ? before : numbered(against);
  if (!read || (against !== undefined && !other))
    return refuse('not_a_party', { clause: read ? 'against' : 'version' });
  return allow({ read, against: other === read ? undefined : other?.agreement });
}

const agreementList = (all: readonly ReadAgreement[], from: number) =>
  all.length === 0
    ? empty(
        'There is no agreement yet. One appears here as soon as somebody proposes it: "interlock agreement new" drafts one.',
      )
    : html`${agreementRows(all.slice(from, from + ROWS))}${pager(from, all.length, (row) => `/agreements?from=${row}`)}`;

export const agreementJson = (agent: Agent) => (read: ReadAgreement) => ({
  id: read.agreement.document.id,
  version: read.agreement.document.version,
  digest: read.digest,
  signedBy: read.signedBy,
  verified: read.verified.allowed,
  ...(!read.verified.allowed && { refusal: read.verified.refusal }),
  plain: [
    ...agreementFacts(read, agent.timeZone),
    ...read.agreement.document.terms.map((term) => ({ label: 'Term', text: termWords(term) })),
  ],
  agreement: read.agreement,
});
