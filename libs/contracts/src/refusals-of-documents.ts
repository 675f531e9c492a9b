import type { RefusalRow } from './refusal-row.js';

/** Why a document, a key or a signature is not believed. Part of the one table in `refusals.ts`. */
export const REFUSALS_OF_DOCUMENTS = {
  // documents and signatures
  malformed: {
    status: 400,
    who: 'sender',
    title: 'The document does not have the shape its kind requires; the clause names where',
  },
  not_json: { status: 400, who: 'sender', title: 'The bytes are not JSON in UTF-8; send one JSON value in UTF-8' },
  not_canonical: {
    status: 400,
    who: 'sender',
    title: 'The JSON is not in canonical form (RFC 8785); send exactly the bytes that were signed',
  },
  wrong_type: {
    status: 400,
    who: 'signer',
    title:
      'The signature was made for another kind of document; sign this document for what it is, its kind stands in the protected header',
  },
  wrong_issuer: {
    status: 403,
    who: 'signer',
    title:
      'The signature is not of the organisation whose signature is needed; have the organisation sign that the document names',
  },
  wrong_audience: {
    status: 403,
    who: 'sender',
    title:
      "The token was made for another organisation; ask your own company's agent for one that names this organisation",
  },
  wrong_algorithm: {
    status: 400,
    who: 'signer',
    title: 'The algorithm does not fit the key; use EdDSA with Ed25519 or ES256 with P-256',
  },
  unknown_key: {
    status: 403,
    who: 'publisher',
    title: 'The organisation publishes no such key; publish its certificate first',
  },
  wrong_purpose: {
    status: 403,
    who: 'signer',
    title: 'The key is published for other purposes; sign with the one for this kind of document',
  },
  not_an_svid: {
    status: 400,
    who: 'sender',
    title:
      'The certificate breaks a rule of SPIFFE for machines; show one with exactly one SPIFFE ID, a critical key usage digitalSignature, and no right to sign for others',
  },
  svid_issuer_missing: {
    status: 404,
    who: 'administrator',
    title: 'The company issues no SVIDs; its administrator makes an issuer with "interlock key svid-issuer"',
  },
  key_expired: { status: 403, who: 'signer', title: 'The key has expired; sign again with a current one' },
  key_not_yet_valid: {
    status: 403,
    who: 'signer',
    title: 'The key is not valid yet; wait for its first day, or sign with a key that is valid now',
  },
  signed_in_the_future: {
    status: 403,
    who: 'signer',
    title: 'The signature is from the future; check the clock of the signer',
  },
  bad_signature: {
    status: 403,
    who: 'signer',
    title: 'The signature does not match the bytes; send exactly the bytes that were signed, or have them signed again',
  },
  passkey_other_document: {
    status: 403,
    who: 'signer',
    title: 'The passkey signed another document than this; sign again on the page',
  },
  passkey_other_origin: {
    status: 403,
    who: 'signer',
    title:
      "The passkey signed on a page that is not of the own agent of its company; sign on the page of your own company's agent",
  },
  passkey_copied: {
    status: 403,
    who: 'signer',
    title: 'The passkey counts no further than it had: two authenticators hold one key; revoke it and enrol another',
  },
  passkey_unattended: {
    status: 403,
    who: 'signer',
    title: 'The passkey did not ask for its holder; use one that verifies by PIN, finger or face',
  },
  signature_missing: {
    status: 403,
    who: 'signer',
    title: 'A signature that is needed is not there; the clause names the document',
  },
  token_expired: { status: 403, who: 'subject', title: 'The token has expired; log in again' },
  token_too_long: {
    status: 403,
    who: 'company',
    title: 'The token claims to live longer than is allowed; have the agent of its company issue a shorter one',
  },
  // trust
  not_pinned: {
    status: 403,
    who: 'company',
    title: 'This organisation is not pinned; compare root fingerprints and run "interlock partner pin"',
  },
  root_mismatch: {
    status: 403,
    who: 'company',
    title: 'The root key is not the one that was pinned; compare fingerprints again with the partner',
  },
  entity_expired: {
    status: 403,
    who: 'publisher',
    title: 'The entity document has expired; its organisation must publish a new one',
  },
  organisation_revoked: {
    status: 403,
    who: 'publisher',
    title:
      'The root of this organisation has revoked everything; it enrols anew, and its partners compare the new root with it',
  },
  custody_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'A key that speaks for this party is published for other things too, and the agreement does not say that one agent may hold all its keys; certify a key of its own for each purpose, or agree that custody',
  },
  entity_too_long: {
    status: 400,
    who: 'publisher',
    title: 'An entity document may live at most 90 days; publish one with an earlier end',
  },
  entity_fork: {
    status: 409,
    who: 'publisher',
    title: 'Two entity documents carry the same number; its organisation must explain',
  },
  version_replayed: {
    status: 409,
    who: 'sender',
    title: 'A later version is here already; what came before it is not taken again',
  },
  reference_dangling: {
    status: 409,
    who: 'sender',
    title: 'The document follows a version that is not here; hand in the ones before it first',
  },
  reference_cyclic: {
    status: 400,
    who: 'signer',
    title: 'The document follows itself over others; no chain of documents can go in a circle',
  },
  certificate_dangling: {
    status: 400,
    who: 'sender',
    title: 'The key certificate hangs on an entity document that is not here; publish the entity document first',
  },
  certificate_too_long: {
    status: 400,
    who: 'publisher',
    title:
      'A key that beats may be certified for at most 24 hours, one that opens sealed data for at most 7 days; certify it for a shorter time, and again before that is over',
  },
} as const satisfies Record<string, RefusalRow>;
