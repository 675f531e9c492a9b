import { allow, type Instant, type ResourceRef } from '@interlock/domain';
import type { Command } from 'commander';
import { z } from 'zod';
import { askAgent } from '../login/ask-agent.js';
import { asPerson, type PersonOptions, sessionAt } from '../login/login-commands.js';
import { perform, waitingFor } from '../perform.js';
import { instant, resource } from '../read-arguments.js';
import { utc } from '../words.js';

const party = z.object({ organisation: z.string(), id: z.string() });
const reached = z.object({
  reach: z.array(
    z.object({
      subject: party.extend({ kind: z.string() }),
      right: z.string(),
      kind: z.string(),
      actions: z.array(z.string()),
      window: z.object({ from: z.number(), to: z.number() }),
      chain: z.array(z.object({ typ: z.string(), id: z.string(), requester: party })),
      approvers: z.array(z.string()),
    }),
  ),
  notCounted: z.array(z.object({ right: z.string(), code: z.string() })),
});
type Reached = z.infer<typeof reached>;

/** `interlock who-can-reach`: every subject that could be let in to a machine, as the own agent verified it. */
export function reachCommand(program: Command): void {
  asPerson(program.command('who-can-reach'))
    .argument('<owner/machine>', 'the machine or service', resource)
    .option('--at <time>', 'when, with its zone; now where left out', instant)
    .description('every subject that could be let in to a machine, each with the rights it rests on')
    .action((machine: ResourceRef, options: PersonOptions & { at?: Instant }) =>
      perform(options, async () => {
        const at = options.at ?? Date.now();
        const query = new URLSearchParams({ owner: machine.owner, id: machine.id, at: String(at) });
        const target = `/reach?${query.toString()}`;
        const found = await waitingFor('asking your agent', askAgent(sessionAt(options), target, reached));
        if (!found.allowed) return found;
        const name = `${machine.owner}/${machine.id}`;
        return allow({ json: { resource: machine, at, ...found.value }, lines: linesOf(found.value, name, at) });
      }),
    );
}

const nameOf = ({ organisation, id }: z.infer<typeof party>): string => `${organisation}/${id}`;

function linesOf({ reach, notCounted }: Reached, machine: string, at: Instant): string[] {
  return [
    ...(reach.length === 0 ? [`nobody can reach ${machine} at ${utc(at)}`] : []),
    ...reach.flatMap(({ subject, kind, actions, window, chain, approvers }) => [
      `${subject.kind} ${nameOf(subject)}: ${kind} (${actions.join(', ')}) until ${utc(window.to)}`,
      ...chain.map(
        ({ typ, id, requester }) =>
          `  ${typ} ${id}, ${typ === 'grant' ? 'asked for' : 'handed on'} by ${nameOf(requester)}`,
      ),
      `  approved by ${approvers.join(', ') || 'nobody, as was agreed'}`,
    ]),
    ...notCounted.map(({ right, code }) => `not counted: ${right} (${code}; "interlock explain ${code}")`),
  ];
}
