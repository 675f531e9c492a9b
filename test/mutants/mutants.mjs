import { DOMAIN } from './domain.mjs';
import { FUNCTIONS } from './functions.mjs';
import { GATEWAY } from './gateway.mjs';
import { PROOF } from './proof.mjs';

/** Every mutant: the refusal it should have cost, the exact text of one check, what takes its place, and the test that must go red. */
export const MUTANTS = [...DOMAIN, ...FUNCTIONS, ...PROOF, ...GATEWAY];
