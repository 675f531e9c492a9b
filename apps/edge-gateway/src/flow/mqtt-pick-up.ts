import { connect, type Socket } from 'node:net';
import { LARGEST_EVENT, type MqttSource, messageReadings } from '@interlock/domain';
import { MqttClient } from 'mqtt';
import type { Fetching, PickUp } from './pick-up.js';

const REDIAL = 2_000;
const CONNECT = 10_000;
/** Bytes without a whole packet, beyond which it is no broker of telemetry: the library alone would wait for 256 MiB. */
const MOST_UNREAD = 16 * LARGEST_EVENT;

/**
 * Subscribes to the topics that provisioning names at the plant's own broker (MQTT 3.1.1, QoS 1). A message is acknowledged only when there is
 * room for it, so a paused flow leaves its messages with the broker. What the broker had kept from before is taken without a time.
 */
export function mqttPickUp(source: MqttSource, password: string | undefined, fetching: Fetching): PickUp {
  const client = new MqttClient(bounded(source), optionsOf(source, password));
  const keys = new Map(source.topics.map(({ topic, key }) => [topic, key]));
  let held: (() => void) | undefined;
  let paused = false;
  let stopped = false;
  client.handleMessage = (packet, done) => {
    const key = keys.get(packet.topic);
    // What was on its way before the cut, or was never asked for, goes nowhere.
    if (!stopped && key !== undefined && packet.payload.length <= LARGEST_EVENT) {
      const at = packet.retain ? '' : new Date(fetching.now()).toISOString();
      const read = messageReadings(key, packet.payload.toString(), at);
      if (read.allowed) fetching.take(fetching.minimise(read.value));
    }
    if (paused) held = () => done();
    else done();
  };
  client.on('connect', () => client.subscribe([...keys.keys()], { qos: 1 }, () => undefined));
  client.on('error', () => undefined);
  return {
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      const go = held;
      held = undefined;
      go?.();
    },
    stop: () => {
      stopped = true;
      client.end(true);
    },
  };
}

function optionsOf({ username }: MqttSource, password: string | undefined) {
  const given = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const wait = { reconnectPeriod: REDIAL, connectTimeout: CONNECT, reconnectOnConnackError: true };
  // A session of its own for every connection: the broker keeps nothing for a flow that was cut.
  return {
    ...given,
    ...wait,
    protocolVersion: 4 as const,
    clean: true,
    resubscribe: false,
    timerVariant: 'native' as const,
  };
}

/** Dials the broker, and hangs up on one that sends on and on without a packet that ends. */
const bounded =
  ({ host, port }: MqttSource) =>
  (client: MqttClient): Socket => {
    const socket = connect({ host, port, noDelay: true });
    let unread = 0;
    socket.on('data', (chunk) => {
      unread += chunk.length;
      if (unread > MOST_UNREAD) socket.destroy();
    });
    const count = () => {
      unread = 0;
    };
    client.on('packetreceive', count);
    socket.once('close', () => client.off('packetreceive', count));
    return socket;
  };
