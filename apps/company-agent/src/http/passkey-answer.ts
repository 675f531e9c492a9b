import { z } from 'zod';

/** What an authenticator answered, as the page put it into its form. */
export const passkeyAnswer = { attempt: z.string().min(1).max(200), answer: z.string().min(1).max(16_000) };
