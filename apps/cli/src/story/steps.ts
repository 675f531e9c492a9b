import { agree } from './agree.js';
import { cut } from './cut.js';
import { enter } from './enter.js';
import { flow } from './flow.js';
import { grant } from './grant.js';
import { pin } from './pin.js';
import { prove } from './prove.js';
import type { Step } from './step.js';

/** The main job, in the order of the product page. */
export const STEPS: readonly Step[] = [pin, agree, grant, enter, flow, cut, prove];
