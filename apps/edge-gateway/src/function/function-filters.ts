import type { StreamFilter } from '@interlock/company-side';
import type { ActionParts } from '@interlock/domain';
import { ModbusReadFilter } from './modbus-read-filter.js';

type MakeFilter = (onRefused: (functionName: string) => void) => StreamFilter;

/** What enforces each function right of domain's table, by `service:functions`. Another protocol is one more row. */
const FILTERS: Readonly<Record<string, MakeFilter>> = {
  'modbus:read': (onRefused) => new ModbusReadFilter(onRefused),
};

/** Makes a filter for one stream of this action; undefined where nothing here enforces the right, and then nothing opens. */
export const filterOf = ({ service, functions }: ActionParts): MakeFilter | undefined => {
  const right = `${service}:${functions}`;
  return Object.hasOwn(FILTERS, right) ? FILTERS[right] : undefined;
};
