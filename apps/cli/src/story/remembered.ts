import { signedAgreement, signedGrant } from '@interlock/contracts';
import type { z } from 'zod';
import type { StoryMemory } from './step.js';

/** The agreement that step 2 put in force. */
export const agreementOf = (memory: StoryMemory): z.infer<typeof signedAgreement> =>
  signedAgreement.parse(memory.agreement);
/** The grant that step 3 brought about. */
export const remoteGrantOf = (memory: StoryMemory): z.infer<typeof signedGrant> => signedGrant.parse(memory.remote);
/** The data-collection grant that step 5 brought about. */
export const dataGrantOf = (memory: StoryMemory): z.infer<typeof signedGrant> => signedGrant.parse(memory.data);
