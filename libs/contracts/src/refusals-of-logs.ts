import type { RefusalRow } from './refusal-row.js';

/** Why a log, a proof or a cosignature is not believed. Part of the one table in `refusals.ts`. */
export const REFUSALS_OF_LOGS = {
  // notes and checkpoints of logs
  note_malformed: {
    status: 400,
    who: 'log',
    title: 'The note is not a C2SP signed note; fetch it again, and keep it if it stays so',
  },
  note_too_large: {
    status: 400,
    who: 'log',
    title: 'The note is longer than any checkpoint and was not read; fetch it again from the log',
  },
  note_key_malformed: {
    status: 400,
    who: 'sender',
    title: 'The key is not one that notes are signed with; give the log key that the operator published',
  },
  note_key_unknown: {
    status: 400,
    who: 'sender',
    title: 'The key is of a kind that no note here is signed with; give an Ed25519 key of a log or a witness',
  },
  note_signature_missing: {
    status: 400,
    who: 'log',
    title: 'A signature that is needed is not on the note; ask whose it is why',
  },
  note_signature_repeated: {
    status: 400,
    who: 'log',
    title: 'One key signed the note twice, which a log does not do; keep the note, and ask the operator',
  },
  note_signature_invalid: {
    status: 400,
    who: 'log',
    title:
      'A signature on the note does not match its text; somebody altered one of them, fetch it again and keep both',
  },
  checkpoint_malformed: {
    status: 400,
    who: 'log',
    title:
      'The note is no checkpoint (name, size and root, each on its line); fetch it again, and keep it if it stays so',
  },
  checkpoint_wrong_origin: {
    status: 400,
    who: 'log',
    title: 'The checkpoint is of another log than was asked for; ask for the log that you mean, or ask the operator',
  },
  cosignature_malformed: {
    status: 400,
    who: 'log',
    title: 'The cosignature is not one of C2SP tlog-cosignature; ask the witness for it again',
  },
  // proofs of logs
  merkle_malformed_hash: {
    status: 400,
    who: 'log',
    title: 'A hash of the proof does not have 32 bytes; fetch the proof again, and keep it if it stays so',
  },
  merkle_out_of_range: {
    status: 400,
    who: 'log',
    title: 'The proof is for a leaf that this tree does not have; fetch it again for the size of the checkpoint',
  },
  merkle_proof_wrong_length: {
    status: 400,
    who: 'log',
    title:
      'The proof has more or fewer hashes than its place in the tree needs; fetch it again, and keep it if it stays so',
  },
  merkle_root_mismatch: {
    status: 400,
    who: 'log',
    title:
      'The proof leads to another root, so this is not in the log that was signed; keep both, and tell the other company',
  },
  merkle_tree_shrank: {
    status: 400,
    who: 'log',
    title:
      'The newer tree is smaller than the older one, and a log never shrinks; keep both, and tell the other company',
  },
  tlog_proof_malformed: {
    status: 400,
    who: 'log',
    title: 'The proof is not a C2SP tlog-proof; fetch it again, and keep it if it stays so',
  },
  // where evidence lies
  evidence_elsewhere: {
    status: 409,
    who: 'both',
    title:
      'This broker keeps no evidence in the region that the agreement names; name its region, or use a broker there',
  },
  // witnesses
  witness_unknown_origin: {
    status: 400,
    who: 'log',
    title: 'This witness does not watch a log of this name; ask it only for logs of agreements of its company',
  },
  witness_old_size_conflict: {
    status: 400,
    who: 'log',
    title: 'The log counts from another size than this witness saw; the detail says which to count from',
  },
  witness_log_shrank: {
    status: 400,
    who: 'log',
    title: 'The log is smaller than this witness saw it; keep what it saw, and ask the operator',
  },
  witness_log_forked: {
    status: 400,
    who: 'log',
    title: 'The log shows two histories of one size; keep both, and tell the other company',
  },
  witness_proof_invalid: {
    status: 400,
    who: 'log',
    title: 'The log cannot prove that it continues what this witness saw; tell the other company',
  },
  // standing
  wrong_receiver: {
    status: 403,
    who: 'sender',
    title: 'The beat was made for another receiver; send each receiver the one made for it',
  },
  from_the_future: { status: 403, who: 'signer', title: 'The time is from the future; check the clock of the signer' },
  not_what_is_held: {
    status: 409,
    who: 'company',
    title: 'The beat names a document that is not held here; the clause names its kind',
  },
  older_than_held: {
    status: 409,
    who: 'sender',
    title: 'A newer version of what was sent is already held here; read that one, and go on from it',
  },
  epoch_over: {
    status: 403,
    who: 'publisher',
    title: 'The writer epoch is not the one of the key; certify the key that writes now',
  },
  witness_silent: {
    status: 403,
    who: 'partner',
    title:
      'Records of this enforcement point have waited for the witness of this party for longer than was agreed; nothing opens until it cosigns',
  },
  beyond_bounds: {
    status: 403,
    who: 'both',
    title:
      'A party has signed more that takes rights away than an enforcement point holds; agree anew, under another agreement',
  },
  // sealed data
  not_a_recipient: {
    status: 403,
    who: 'source',
    title: 'The batch is not sealed to this key; have it sealed to the key that you published',
  },
  not_sealed: {
    status: 400,
    who: 'source',
    title: 'The batch is not sealed, or was altered; fetch it again, and keep it if it stays so',
  },
  recipients_differ: {
    status: 403,
    who: 'source',
    title:
      'The signed recipients are not the ones on the envelope; fetch it again, and tell the other company if it stays so',
  },
  content_differs: {
    status: 400,
    who: 'source',
    title: 'The observations are not the ones the gateway signed; keep the batch, and tell the other company',
  },
  not_a_gateway: {
    status: 403,
    who: 'source',
    title: 'The batch was not sealed by the gateway it names; keep the batch, and tell the other company',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;
