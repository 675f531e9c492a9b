import { type Explanation, explanationOf, PROBLEM_CODES } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import type { Agent } from '../agent.js';
import { type Html, html } from '../pages/html.js';
import { facts } from '../pages/page.js';
import { anyone, sendPage, sendRefusal } from './door.js';

const PUBLIC = { config: anyone('what a code means is the same for everybody, and asks nothing of this company') };

/** The pages of the codes: where the `type` of each problem of this agent leads (RFC 9457 section 3.1.1). */
export function errorRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/errors', PUBLIC, async (request, reply) => sendPage(request, reply, agent, 'Codes', everyCode));
  app.get('/errors/:code', PUBLIC, async (request, reply) => {
    const { code } = request.params as { code: string };
    const explained = explanationOf(code);
    if (!explained) return sendRefusal(request, reply, agent, { code: 'not_a_party', clause: 'code' });
    return sendPage(request, reply, agent, code, words(explained));
  });
}

const words = ({ code, means, whoCanMend, whatToDo, status }: Explanation): Html => html`<p class="lead">${means}</p>
${facts([
  { label: 'Who can mend it', text: whoCanMend },
  { label: 'What to do', text: whatToDo },
  { label: 'Status over HTTP', text: String(status) },
])}<p>At a terminal: <code>interlock explain ${code}</code>. <a href="/errors">All codes</a></p>`;

const everyCode: Html = html`<p>What a page or an answer may say no with.</p><ul>${PROBLEM_CODES.map(
  (code) => html`<li><a href="/errors/${code}">${code}</a></li>`,
)}</ul>`;
