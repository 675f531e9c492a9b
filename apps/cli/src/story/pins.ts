import { ownPin } from '@interlock/company-side';
import type { Pins } from '@interlock/proof';
import type { Trial } from '../up/trial.js';

const roots = ({ vendor, buyer }: Trial) => [vendor, buyer].map(({ dir }) => ownPin(dir));

/** The two roots, as they were compared: each company's own folder says what its own root is. */
export const pinsOf = (trial: Trial): Pins =>
  new Map(roots(trial).map(({ organisation, root }) => [organisation, root]));

/** The same as `interlock verify --roots` takes it. */
export const rootsArgument = (trial: Trial): string =>
  roots(trial)
    .map(({ organisation, root }) => `${organisation}=${root}`)
    .join(',');
