import type { Area } from '../area.js';
import { agreements } from './agreements.js';
import { data as embargo } from './embargo-fails-closed.js';
import { windows } from './minimised-windows.js';
import type { PropertyArea } from './property.js';
import { grants } from './recurring-windows.js';

/** One file for each area: its properties by name. */
export const PROPERTIES: Partial<Record<Area, PropertyArea>> = {
  agreements,
  data: { ...embargo, ...windows },
  grants,
};
