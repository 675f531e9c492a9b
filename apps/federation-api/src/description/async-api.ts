import { agentFrame, gatewayFrame, upstreamFrame } from '@interlock/contracts';
import type { ApiFacts, OpenApiDocument } from './open-api.js';
import { schemaBook } from './schema-book.js';

/** The description of the channel (AsyncAPI 3.0): what agents and gateways hear without asking, and what they may say. */
export function asyncApiOf({ origin, version }: ApiFacts): OpenApiDocument {
  const book = schemaBook();
  const { host, protocol } = new URL(origin);
  const heard = {
    gatewayFrame: { summary: 'To a gateway.', payload: book.use(gatewayFrame) },
    agentFrame: { summary: "To a company's agent.", payload: book.use(agentFrame) },
  };
  const said = { upstreamFrame: { summary: 'From an agent or a gateway.', payload: book.use(upstreamFrame) } };
  const messages = { ...heard, ...said };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Interlock channel',
      version,
      description:
        'One WebSocket that agents and gateways dial out, JSON text frames both ways. It carries documents and news; whatever comes through it is ' +
        "a stranger's until verified. Losing it loses speed, never a right or a cut: the next greeting brings what counts.",
    },
    servers: { broker: { host, protocol: protocol === 'https:' ? 'wss' : 'ws', security: [SECURITY] } },
    channels: {
      channel: {
        address: '/v1/channel',
        messages: Object.fromEntries(Object.keys(messages).map((name) => [name, ref(`components/messages/${name}`)])),
      },
    },
    operations: {
      hear: operation('send', Object.keys(heard), 'The broker tells'),
      say: operation('receive', Object.keys(said), 'The broker is told'),
    },
    components: { messages, schemas: book.all() },
  };
}

const SECURITY = {
  type: 'http',
  scheme: 'Interlock',
  description: 'The caller proof of an HTTP request, made over `GET /v1/channel`.',
};

const ref = (place: string) => ({ $ref: `#/${place}` });

const operation = (action: 'send' | 'receive', messages: readonly string[], summary: string) => ({
  action,
  summary,
  channel: ref('channels/channel'),
  messages: messages.map((name) => ref(`channels/channel/messages/${name}`)),
});
