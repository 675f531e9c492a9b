import type { Area } from '../area.js';
import { agreements } from './agreements.js';
import { data } from './embargo-fails-closed.js';
import type { PropertyArea } from './property.js';
import { grants } from './recurring-windows.js';

/** One file for each area: its properties by name. */
export const PROPERTIES: Partial<Record<Area, PropertyArea>> = { agreements, data, grants };
