import type { LocalId } from '@interlock/domain';
import type { Provisioned } from '../provisioning.js';
import { modbusPickUp } from './modbus-pick-up.js';
import { mqttPickUp } from './mqtt-pick-up.js';
import { type Fetching, type PickUp, pickUp } from './pick-up.js';

/** The service name under which provisioning lists a machine's telemetry adapter. */
const ADAPTER = 'shdr';

/** Starts to fetch a machine's telemetry from every place that the gateway's own company named for it, and from no other. */
export function fetchFrom(
  { document, mqttPassword }: Pick<Provisioned, 'document' | 'mqttPassword'>,
  machine: LocalId,
  fetching: Fetching,
): readonly PickUp[] {
  const { minimise, take } = fetching;
  const adapters = document.targets.filter(({ resource, service }) => resource === machine && service === ADAPTER);
  const sources = (document.sources ?? []).filter(({ resource }) => resource === machine);
  return [
    ...adapters.slice(0, 1).map((target) => pickUp(target, minimise, take)),
    ...sources.map((source) =>
      source.via === 'mqtt' ? mqttPickUp(source, mqttPassword, fetching) : modbusPickUp(source, fetching),
    ),
  ];
}
