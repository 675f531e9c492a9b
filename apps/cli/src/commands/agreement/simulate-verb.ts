import { allow, type Instant } from '@interlock/domain';
import type { Command } from 'commander';
import { z } from 'zod';
import { tellAgent } from '../login/ask-agent.js';
import { asPerson, type PersonOptions, sessionAt } from '../login/login-commands.js';
import { perform, waitingFor } from '../perform.js';
import { instant } from '../read-arguments.js';
import { utc } from '../words.js';
import { agreementInFile } from './hand-over-agreement.js';

const outcome = z.enum(['permit', 'deny']);
const simulated = z.object({
  replayed: z.number(),
  unchanged: z.number(),
  changes: z.array(
    z.object({
      what: z.string(),
      id: z.string(),
      at: z.number(),
      subject: z.object({ organisation: z.string(), kind: z.string(), id: z.string() }),
      resource: z.object({ owner: z.string(), id: z.string() }),
      action: z.string(),
      from: outcome,
      to: outcome,
      code: z.string(),
      term: z.string().nullable(),
    }),
  ),
  unexplained: z.array(z.object({ id: z.string(), code: z.string() })),
});
type Simulated = z.infer<typeof simulated>;

const MONTH = 31 * 86_400_000;

/** `interlock agreement simulate`: what was recorded, replayed against a draft by the own agent; nothing is signed or sent on. */
export function simulateVerb(agreement: Command): void {
  asPerson(agreement.command('simulate'))
    .argument('<draft>', 'a file with the draft')
    .option('--since <time>', 'replay what was recorded since then, with its zone; 31 days where left out', instant)
    .description(
      'which recorded decisions, grants, sessions and flows a draft would turn, each with the term that decides',
    )
    .action((draft: string, options: PersonOptions & { since?: Instant }) =>
      perform(options, async () => {
        const { document } = agreementInFile(draft);
        const from = options.since ?? Date.now() - MONTH;
        const asked = tellAgent(sessionAt(options), '/simulations', { draft: document, from }, simulated);
        const found = await waitingFor('replaying the log at your agent', asked);
        if (!found.allowed) return found;
        return allow({ json: { agreement: document.id, from, ...found.value }, lines: linesOf(found.value) });
      }),
    );
}

const linesOf = ({ replayed, unchanged, changes, unexplained }: Simulated): string[] => [
  `${replayed} replayed: ${changes.length} would change, ${unchanged} would not`,
  ...changes.map(
    ({ what, id, at, subject, resource, action, from, to, code, term }) =>
      `${from} -> ${to}: ${what} ${id} at ${utc(at)}, ${subject.kind} ${subject.organisation}/${subject.id} ${action} on ${resource.owner}/${resource.id}; ${code}${term === null ? '' : ` (${term})`}`,
  ),
  ...(unexplained.length === 0
    ? []
    : [
        `${unexplained.length} were decided by something that no version says, such as a lease: nothing follows from them`,
      ]),
];
