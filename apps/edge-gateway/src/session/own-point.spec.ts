import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ask, refuse, type VerifiedChain } from '@interlock/domain';
import { verifyChain } from '@interlock/proof';
import { aRight, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEW, sceneOf } from '../../test/at-the-gateway.js';
import { flowLease, telemetry } from '../../test/terms/honest-terms.js';
import { gatewayConfig } from '../config.js';
import { type FlowsOptions, openFlow } from '../flow/open-flow.js';
import { NOBODY_ASKED, type OwnPoint, ownPoint } from './own-point.js';

let server: Server;
let say: (response: ServerResponse) => void;
const asked: { authorization: string | undefined; body: object }[] = [];
let chain: VerifiedChain;
let ask: Ask;
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, body: JSON.parse(Buffer.concat(parts).toString()) });
      say(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ chain, ask } = await aUse());
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function aUse(agreement: Parameters<typeof aRight>[0] = {}) {
  const right = await aRight(agreement);
  const self = { organisation: BUYER, resources: ['press-7'] } as unknown as Parameters<typeof verifyChain>[2];
  const verified = await verifyChain(right.chain, right.who.pins, self, { loginProof: right.loginProof }, NOW);
  if (!verified.allowed) throw new Error(verified.refusal.code);
  const { subject, jkt } = verified.value;
  const [resource] = right.grant.resources;
  if (!resource) throw new Error('a grant has a resource');
  return {
    chain: verified.value,
    ask: { subject, leaf: jkt, action: right.grant.actions[0], resource, session: null } as Ask,
  };
}

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/access/v1/evaluation`;
const configOf = (more: Record<string, string> = {}) => gatewayConfig({ GATEWAY_FOLDER: '.', ...more });
const pointAt = (at = address(), more: Record<string, string> = {}) =>
  ownPoint(configOf({ GATEWAY_DECISION_POINT: at, GATEWAY_DECISION_POINT_SECONDS: '0.3', ...more }), BUYER);
const json = (body: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(body));
const refused = (code: string) => ({ allowed: false, refusal: { code, clause: `decision-point ${BUYER}` } });

describe('the decision point of the gateway’s own company', () => {
  it('is asked about the very use, with the token of this gateway, and its yes is one', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'token-')), 'token');
    writeFileSync(file, 'shown\n');
    say = json({ decision: true, context: { reason: 'any' } });
    expect(await pointAt(address(), { GATEWAY_DECISION_POINT_TOKEN_FILE: file }).ask(chain, ask)).toMatchObject({
      allowed: true,
    });
    expect(asked.at(-1)).toMatchObject({
      authorization: 'Bearer shown',
      body: {
        subject: { type: 'person', id: `${VENDOR}/technician`, properties: { key: chain.jkt } },
        resource: { type: 'resource', id: `${BUYER}/press-7` },
        action: { name: 'ssh' },
        context: { grant: chain.grant.id, purpose: 'repair', ticket: 'INC-4711' },
      },
    });
  });

  it('says no by its no, and by every answer that is none', async () => {
    say = json({ decision: false });
    expect(await pointAt().ask(chain, ask)).toMatchObject(refused('decision_point_denied'));
    const nothing: ((response: ServerResponse) => void)[] = [
      json({ decision: 'true' }),
      json({ evaluations: [{ decision: true }] }),
      json([true]),
      (response) => void response.end('yes'),
      (response) => void response.writeHead(201).end('{"decision":true}'),
      (response) => void response.writeHead(307, { location: address() }).end(),
      (response) => void response.end(JSON.stringify({ decision: true, pad: 'x'.repeat(70_000) })),
      (response) => void response.socket?.destroy(),
      () => undefined,
    ];
    for (const one of nothing) {
      say = one;
      expect(await pointAt().ask(chain, ask)).toMatchObject(refused('decision_point_unknown'));
    }
    expect(await pointAt('http://127.0.0.1:1/').ask(chain, ask)).toMatchObject(refused('decision_point_unknown'));
  });

  it('is nobody where none is set up, and is not asked where safety rests on the use', async () => {
    const before = asked.length;
    expect(await ownPoint(configOf(), BUYER).ask(chain, ask)).toMatchObject({ allowed: true });
    const safe = {
      ...chain.agreement,
      terms: [...chain.agreement.terms, { type: 'safety-notice', seconds: 60 } as const],
      resources: chain.agreement.resources.map((one) => ({ ...one, class: 'safety' as const })),
    };
    say = json({ decision: false });
    const relied = { ...chain, grant: { ...chain.grant, kind: 'machine-to-machine' as const }, agreement: safe };
    expect(await pointAt().ask(relied, ask)).toMatchObject({ allowed: true });
    expect(asked).toHaveLength(before);
  });

  it('is asked before a flow starts, as it is before a session', async () => {
    const {
      self: bare,
      clock,
      held,
      right,
      watch,
    } = await sceneOf('data-collection', { terms: [telemetry, flowLease] });
    const regions = [{ region: 'eu-1', host: '127.0.0.1', port: 1 }];
    const self = { ...bare, document: { ...bare.document, regions } };
    const book = { note: async () => refuse('evidence_unavailable') };
    const keeper = { agreements: new Map([[right.agreement.id, held]]) };
    const parts = {
      self,
      clock,
      watch,
      book,
      keeper,
      lockout: { isSet: () => false },
      online: () => true,
      working: NEW,
    };
    const open = (point: OwnPoint) =>
      openFlow({ ...parts, point } as unknown as FlowsOptions, right.agreement.id, right.chain.grant);
    const no = refuse('decision_point_denied');
    expect(await open({ ask: async () => no })).toEqual(no);
    expect(await open(NOBODY_ASKED)).toMatchObject({ refusal: { code: 'evidence_unavailable' } });
  });

  it.each([
    ['a token for nobody', { GATEWAY_DECISION_POINT_TOKEN_FILE: '/nowhere' }],
    [
      'a token that cannot be read',
      { GATEWAY_DECISION_POINT: 'https://pdp.example/', GATEWAY_DECISION_POINT_TOKEN_FILE: '/nowhere' },
    ],
    ['plain text to another machine', { GATEWAY_DECISION_POINT: 'http://pdp.example/' }],
    ['no time to answer', { GATEWAY_DECISION_POINT: 'https://pdp.example/', GATEWAY_DECISION_POINT_SECONDS: '0' }],
  ])('keeps the gateway from starting with %s', (_, more) =>
    expect(() => ownPoint(configOf(more as Record<string, string>), BUYER)).toThrow(),
  );
});
