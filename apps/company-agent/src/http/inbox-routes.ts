import { type Agreement, type AgreementId, type Signed, termWords } from '@interlock/domain';
import type { FastifyInstance } from 'fastify';
import type { Agent } from '../agent.js';
import { type ReadAgreement, refreshAgreements } from '../agreements/agreements.js';
import { mayApprove } from '../grants/approve-grant.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { holdGrant } from '../grants/read-grant.js';
import type { Session } from '../login/sessions.js';
import { agreementFacts, agreementPage, agreementRows } from '../pages/agreement-page.js';
import { type Html, html } from '../pages/html.js';
import { STYLE, table } from '../pages/page.js';
import { bothTimes, resourceWords, subjectWords } from '../pages/words.js';
import { anyone, EVERYBODY, sendPage, sendRefusal, wantsPage } from './door.js';
import { sessionOf } from './grant-routes.js';

/** What waits for this company, and its agreements. */
export function inboxRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/style.css', { config: anyone('it holds no secret') }, (_request, reply) =>
    reply.type('text/css').send(STYLE),
  );
  app.get('/', { config: EVERYBODY }, async (request, reply) => {
    const session = sessionOf(request);
    const [agreements, grants] = [await waitingAgreements(agent), await waitingGrants(agent)];
    if (wantsPage(request))
      return sendPage(request, reply, agent, 'Inbox', inboxPage(agent, session, agreements, grants));
    return reply.send({
      person: {
        id: session.person.id,
        groups: session.person.groups,
        roles: session.capacities.filter((one) => one !== 'holder'),
      },
      agreements: agreements.map(agreementJson(agent)),
      grants: grants.map((held) => ({ ...grantJson(held), mine: mayApprove(agent, session, held).allowed })),
    });
  });
  app.get('/grants', { config: EVERYBODY }, async (request, reply) => {
    const grants = await heldGrants(agent);
    if (wantsPage(request)) return sendPage(request, reply, agent, 'Grants', grantRows(agent, grants));
    return reply.send({ grants: grants.map(grantJson) });
  });
  agreementRoutes(app, agent);
}

function agreementRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/agreements', { config: EVERYBODY }, async (request, reply) => {
    const all = await refreshAgreements(agent);
    if (wantsPage(request)) return sendPage(request, reply, agent, 'Agreements', agreementRows(all));
    return reply.send({ agreements: all.map(agreementJson(agent)) });
  });
  app.get('/agreements/:id', { config: EVERYBODY }, async (request, reply) => {
    const { id } = request.params as { id: AgreementId };
    const versions = (await refreshAgreements(agent)).filter(({ agreement }) => agreement.document.id === id);
    const [read, asked] = versions.sort((a, b) => b.agreement.document.version - a.agreement.document.version);
    if (!read) return sendRefusal(request, reply, agent, { code: 'not_a_party' });
    if (wantsPage(request))
      return sendPage(
        request,
        reply,
        agent,
        'Agreement',
        agreementPage(read, agent.timeZone, asked?.agreement ?? keptBefore(agent, read)),
      );
    return reply.send(agreementJson(agent)(read));
  });
}

/** The newest version before this one that every party signed, as this company kept it. */
const keptBefore = (agent: Agent, { agreement: { document } }: ReadAgreement): Signed<Agreement> | undefined =>
  agent.store
    .agreements()
    .filter((kept) => kept.document.id === document.id && kept.document.version < document.version)
    .sort((a, b) => b.document.version - a.document.version)[0];

const agreementJson = (agent: Agent) => (read: ReadAgreement) => ({
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

const waitingAgreements = async (agent: Agent): Promise<readonly ReadAgreement[]> =>
  (await refreshAgreements(agent)).filter(({ verified }) => !verified.allowed);

/** Grants that are asked for and hold as far as they are signed. */
const waitingGrants = (agent: Agent): Promise<readonly HeldGrant[]> =>
  heldGrants(agent, (status) => status === 'asked');

/** Grants that hold as far as they are signed. What does not verify is not shown as something to decide on. */
async function heldGrants(
  agent: Agent,
  which: (status: HeldGrant['status']) => boolean = () => true,
): Promise<readonly HeldGrant[]> {
  const listed = await agent.broker.grants();
  if (!listed.allowed) return [];
  const all: HeldGrant[] = [];
  for (const view of listed.value.grants.filter((one) => which(one.status))) {
    const held = await holdGrant(agent, view, view.status);
    if (held.allowed) all.push(held.value);
  }
  return all;
}

const grantJson = ({ id, digest, owner, subjectSide, complete, status, grant: { document } }: HeldGrant) => ({
  ...{ id, digest, owner, subjectSide, complete, status, kind: document.kind },
  subjects: document.subjects,
  resources: document.resources,
  actions: document.actions,
  windows: document.windows,
});

const grantRows = (agent: Agent, grants: readonly HeldGrant[]): Html =>
  grants.length === 0
    ? html`<p>There is no grant yet.</p>`
    : table(
        ['Grant', 'Who', 'On', 'Until', 'State'],
        grants.map(({ id, status, grant: { document } }) => [
          html`<a href="/grants/${id}">${id}</a>`,
          document.subjects.map(subjectWords).join('; '),
          document.resources.map(resourceWords).join('; '),
          bothTimes(Math.max(...document.windows.map(({ to }) => to)), agent.timeZone),
          status,
        ]),
      );

const inboxPage = (
  agent: Agent,
  session: Session,
  agreements: readonly ReadAgreement[],
  grants: readonly HeldGrant[],
): Html => html`<h2>Grants that wait</h2>${grants.length === 0 && html`<p>None.</p>`}
<ul>${grants.map(
  (held) => html`<li><a href="/grants/${held.id}">${held.grant.document.subjects.map(subjectWords).join('; ')} on
${held.grant.document.resources.map(resourceWords).join('; ')}</a>${
    held.owner === agent.organisation
      ? mayApprove(agent, session, held).allowed
        ? ': waits for you'
        : ': waits for your company'
      : ': waits for the partner'
  }</li>`,
)}</ul>
<h2>Agreements that are not in force</h2>${agreementRows(agreements)}`;
