import { pin } from './pin.js';
import type { Step } from './step.js';

/** The main job, in the order of the product page. */
export const STEPS: readonly Step[] = [pin];
