// R4: everything that is signed, altered everywhere; each altered thing must be refused, with a code from the table. An area is one file in
// test/bench/tampering, entered below.

import { availableParallelism } from 'node:os';
import { REFUSALS, TUNNEL_REFUSALS } from '@interlock/contracts';
import { areasAsked, isQuick } from './area.js';
import { agreements } from './tampering/agreements.js';
import { audit } from './tampering/audit.js';
import { gateway } from './tampering/gateway.js';
import { grants } from './tampering/grants.js';
import type { Tampered, TamperingArea } from './tampering/tampering.js';

const AREAS = { agreements, audit, gateway, grants } satisfies Partial<Record<string, TamperingArea>>;
const began = performance.now();
const accepted: string[] = [];
const properties: Record<string, { mutations: number; codes: Record<string, number> }> = {};

async function judge(name: string, all: AsyncIterable<Tampered>): Promise<void> {
  const codes: Record<string, number> = {};
  let mutations = 0;
  for await (const { what, refused } of all) {
    mutations += 1;
    const code = refused ?? 'accepted';
    codes[code] = (codes[code] ?? 0) + 1;
    // A "no" that nobody can look up is no refusal.
    if (refused === undefined || !(Object.hasOwn(REFUSALS, refused) || Object.hasOwn(TUNNEL_REFUSALS, refused)))
      accepted.push(`${name} ${what}: ${code}`);
  }
  properties[name] = { mutations, codes };
}

const chosen = areasAsked<TamperingArea>('R4', AREAS);
for (const [area, own] of chosen)
  for (const [name, run] of Object.entries(own)) await judge(`${area} ${name}`, await run());

const answer = {
  id: 'R4',
  figures: {
    mutations: Math.min(...Object.values(properties).map((one) => one.mutations)),
    accepted: accepted.length,
  },
  conditions: {
    area: chosen.map(([area]) => area).join(','),
    quick: isQuick(),
    properties,
    accepted: accepted.slice(0, 50),
    cores: availableParallelism(),
    node: process.version,
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(accepted.length === 0 ? 0 : 1));
