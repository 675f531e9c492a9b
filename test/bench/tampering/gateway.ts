// What a broker offers a gateway, and what a relay carries between it and a connector, altered everywhere: every document of the chain, ticket and login
// proof, and every byte of the handshake of the tunnel.

import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { makeLeaf } from '@interlock/company-side';
import { gatewayFrame } from '@interlock/contracts';
import { type Decision, refuse, type Signed } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { admitSession, type Offer } from '../../../apps/edge-gateway/src/session/admit-session.js';
import { id, offerOf, sceneOf } from '../../../apps/edge-gateway/test/at-the-gateway.js';
import { CutSet } from '../../../libs/company-side/src/tunnel/cut-set.js';
import { pinnedContext, secureAsConnector, secureAsGateway } from '../../../libs/company-side/src/tunnel/pinned-tls.js';
import { alterations } from './alter.js';
import { everyField, everyHeader, everyLetter, everySignature, type Place } from './places.js';
import { codeOf, type Tampered, type TamperingArea } from './tampering.js';

type Scene = Awaited<ReturnType<typeof sceneOf>>;
interface World {
  readonly scene: Scene;
  readonly offer: Offer;
}
let made: Promise<World> | undefined;
const world = (): Promise<World> => {
  made ??= makeWorld();
  return made;
};

async function makeWorld(): Promise<World> {
  const scene = await sceneOf('remote-service', {});
  const offer = await offerOf(scene.right, id('ssh'));
  const honest = await judged(scene, offer);
  if (!honest.allowed) throw new Error(`the honest offer is refused: ${honest.refusal.code}`);
  return { scene, offer };
}

/** As it comes over the channel: what is no frame is no offer. */
async function judged(scene: Scene, offer: unknown): Promise<Decision<unknown>> {
  const frame = gatewayFrame.safeParse(offer);
  if (!frame.success || frame.data.t !== 'offer') return refuse('malformed');
  return admitSession(frame.data, { ...scene, ticketsSeen: new Map() });
}

/** Every document that a session hangs on. A certificate that nothing hangs on may be anything: leaving one out changes nothing, and is tried for those that count. */
function placesOf({ scene, offer }: World): readonly Place[] {
  const { chain } = offer;
  const { who } = scene.right;
  const counts = [who.technician, who.approver, who.secondApprover, who.vendorAgent];
  const list = (name: 'entities' | 'certificates') =>
    (chain[name] as readonly Signed<unknown>[]).flatMap((real, at) => {
      const put = (altered: unknown) => ({
        ...offer,
        chain: { ...chain, [name]: chain[name].map((own, nth) => (nth === at ? altered : own)) },
      });
      const used = name === 'entities' || counts.some((one) => one.certificate === real);
      return used ? [{ name: `${name} ${at}`, real, put }] : [];
    });
  const one = (name: 'agreement' | 'grant'): Place => ({
    ...{ name, real: chain[name] },
    put: (altered) => ({ ...offer, chain: { ...chain, [name]: altered } }),
  });
  return [...list('entities'), ...list('certificates'), one('agreement'), one('grant')];
}

async function* over(each: (place: Place) => Iterable<{ at: string; value: unknown }>): AsyncIterable<Tampered> {
  const whole = await world();
  for (const place of placesOf(whole))
    for (const { at, value } of each(place))
      yield { what: `${place.name} ${at}`, refused: await codeOf(judged(whole.scene, place.put(value))) };
}

/** Every letter of the ticket and of the login proof, and whose and what the offer says it is for. */
async function* everyWord(): AsyncIterable<Tampered> {
  const { scene, offer } = await world();
  for (const name of ['ticket', 'loginProof'] as const) {
    for (const { at, value } of everyLetter(offer[name] ?? ''))
      yield { what: `${name} ${at}`, refused: await codeOf(judged(scene, { ...offer, [name]: value })) };
  }
  // Who comes, and with which key, is the login proof's word alone: what an offer of a person says of it is used for nothing.
  const { resource, action, session, relay, ...rest } = offer;
  for (const { at, value } of alterations({ resource, action, session, relay }))
    yield { what: at, refused: await codeOf(judged(scene, { ...rest, ...(value as object) })) };
}

/** A relay that alters one byte of what one end says in its handshake; both ends must refuse, and no byte of the session passes. */
async function* everyByte(): AsyncIterable<Tampered> {
  const ends = await handshakers();
  for (const from of ['connector', 'gateway'] as const) {
    const { heard } = await ends.meet({ from, at: -1 });
    const unheard = oldVersions(heard);
    for (const at of heard.keys()) {
      const { code, altered } = await ends.meet({ from, at });
      // What an end says after its handshake differs from time to time: a byte that did not come was not altered.
      if (!altered) continue;
      // RFC 8446 section 5.1: the second byte of the old version number before a record is looked at by nobody, and means nothing to anybody.
      if (code === undefined && unheard.has(at)) continue;
      yield { what: `handshake of the ${from}, byte ${at}`, refused: code };
    }
  }
  ends.close();
}

/** Where in what one end said the second byte of each record's old version number stands. */
function oldVersions(heard: Buffer): ReadonlySet<number> {
  const found = new Set<number>();
  for (let at = 0; at + 5 <= heard.length; at += 5 + heard.readUInt16BE(at + 3)) found.add(at + 2);
  return found;
}

/** Milliseconds after which nothing comes any more. */
const LONGEST = 400;

interface Meddling {
  readonly from: 'connector' | 'gateway';
  readonly at: number;
}

async function socketPairs() {
  const server: Server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const pair = async (): Promise<readonly [Socket, Socket]> => {
    const near = dial({ port, host: '127.0.0.1', noDelay: true });
    const [far] = (await once(server, 'connection')) as [Socket];
    return [near, far];
  };
  return { pair, close: () => server.close() };
}

async function handshakers() {
  const keys = [newPrivateKey('P-256'), newPrivateKey('P-256')] as const;
  const leaves = await Promise.all(keys.map((key) => makeLeaf(key, Date.now())));
  const [connectorKey, gatewayKey] = keys.map((key) => thumbprintOf(publicJwkOf(key)));
  const [connectorLeaf, gatewayLeaf] = leaves;
  if (!connectorLeaf || !gatewayLeaf || !connectorKey || !gatewayKey) throw new Error('no keys');
  const place = { rendezvous: 'r'.repeat(32), stream: 0 };
  const { pair, close } = await socketPairs();
  const meet = async ({ from, at }: Meddling) => {
    const [[connector, left], [gateway, right]] = [await pair(), await pair()];
    const said = { connector: 0, gateway: 0 };
    const heard: Buffer[] = [];
    let altered = false;
    const carry = (name: 'connector' | 'gateway', one: Socket, other: Socket) =>
      one
        .on('error', () => undefined)
        .on('close', () => other.destroy())
        .on('data', (bytes: Buffer) => {
          const where = name === from ? at - said[name] : -1;
          if (where >= 0 && where < bytes.length) {
            bytes[where] = (bytes[where] ?? 0) ^ (1 << (at % 8));
            altered = true;
          }
          said[name] += bytes.length;
          if (name === from) heard.push(bytes);
          other.write(bytes);
        });
    carry('connector', left, right);
    carry('gateway', right, left);
    const cut = new CutSet();
    const handshakeMs = LONGEST;
    const word = await Promise.all([
      secureAsConnector(
        connector,
        { context: pinnedContext(connectorLeaf), expected: gatewayKey, handshakeMs },
        place,
        cut,
      ),
      secureAsGateway(
        gateway,
        { context: pinnedContext(gatewayLeaf), expected: connectorKey, handshakeMs },
        place,
        cut,
      ),
    ]);
    const code = await passes(word);
    cut.cut();
    for (const socket of [left, right]) socket.destroy();
    return { heard: Buffer.concat(heard), code, altered };
  };
  return { meet, close };
}

/** Undefined where both halves hold and what the gateway says comes through; else why not. What is altered behind the handshake ends at its reader. */
async function passes([connector, gateway]: readonly [Proven, Proven]): Promise<string | undefined> {
  if (!gateway.allowed) return gateway.refusal.code;
  if (!connector.allowed) return connector.refusal.code;
  const came = new Promise<boolean>((resolve) => {
    const end = connector.value.once('close', () => resolve(false));
    // The second word comes behind the session tickets, the first may not.
    end.once('data', () => {
      gateway.value.write('y');
      end.once('data', () => resolve(true));
    });
    setTimeout(() => resolve(false), LONGEST);
  });
  gateway.value.write('x');
  return (await came) ? undefined : 'handshake_failed';
}
type Proven = Awaited<ReturnType<typeof secureAsGateway>>;

export const gateway: TamperingArea = {
  fields: () => over(everyField),
  headers: () => over(everyHeader),
  signatures: () => over(everySignature),
  words: everyWord,
  handshake: everyByte,
};
