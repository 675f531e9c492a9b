import { ofProof } from './of-folder.mjs';

/** One check of a passkey's assertion removed at a time. */
const passkey = ofProof('passkey.ts', 'passkey.spec.ts');

export const PASSKEY = [
  passkey('passkey_other_document', 'said.data.challenge !== passkeyChallenge(toBeSigned)', 'false'),
  passkey('passkey_other_origin', 'said.data.origin !== new URL(agentOrigin).origin', 'false'),
  passkey('passkey_other_origin', '!data.subarray(0, 32).equals(party)', 'false'),
  passkey('passkey_unattended', '!(flags & PRESENT) || ', ''),
  passkey('passkey_unattended', ' || !(flags & VERIFIED)', ''),
  passkey('malformed', 'flags & ATTESTED || ', ''),
  passkey('malformed', 'inexactJson(text) ? undefined : value', 'value'),
  passkey('malformed', '  crossOrigin: z.literal(false).optional(),\n', ''),
  passkey('malformed', "z.literal('webauthn.get')", 'z.string()'),
  passkey(
    'bad_signature',
    "asserts(key, signed, Buffer.from(assertion.signature, 'base64url')) ? undefined : 'bad_signature'",
    'undefined',
  ),
];
