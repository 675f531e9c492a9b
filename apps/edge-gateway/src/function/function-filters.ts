import type { StreamFilter } from '@interlock/company-side';
import type { ActionParts } from '@interlock/domain';
import { ModbusFilter } from './modbus-filter.js';

type MakeFilter = (onRefused: (functionName: string) => void) => StreamFilter;
/** What the provisioning list says of the machine behind the address. */
interface Behind {
  readonly unit?: number | undefined;
}

/** What enforces each function right of domain's table, by `service:functions`. Another protocol is one more row. */
const FILTERS: Readonly<Record<string, (behind: Behind) => MakeFilter>> = {
  'modbus:read':
    ({ unit }) =>
    (onRefused) =>
      new ModbusFilter({ readOnly: true, unit }, onRefused),
};

/** What keeps a whole service to the one machine that is meant, where its address leads to several. */
const UNIT_FILTERS: Readonly<Record<string, (behind: Behind) => MakeFilter>> = {
  modbus:
    ({ unit }) =>
    (onRefused) =>
      new ModbusFilter({ readOnly: false, unit }, onRefused),
};

/**
 * The filter for one stream of this action to what is behind that address: null where the whole service of the address is meant; undefined where nothing
 * here enforces what is asked, and then nothing opens.
 */
export function filterFor({ service, functions }: ActionParts, behind: Behind): MakeFilter | null | undefined {
  if (functions === null && behind.unit === undefined) return null;
  const [filters, right] = functions === null ? [UNIT_FILTERS, service] : [FILTERS, `${service}:${functions}`];
  return Object.hasOwn(filters, right) ? filters[right]?.(behind) : undefined;
}
