import {
  allow,
  believable,
  type ChainFacts,
  type CountedApprover,
  type Decision,
  type Digest,
  type Instant,
  type LoginProof,
  lastOf,
  type PersonRef,
  type Purpose,
  personOfLogin,
  refuse,
  type SubjectRef,
  skewMilliseconds,
  type Thumbprint,
} from '@interlock/domain';
import { peekLoginProof, type TokenRefusal, verifyLoginProof } from './token.js';
import { named, type RightRefusal, type VerifiedRight } from './verified-right.js';
import { type SvidRefusal, saysSvid, verifyX509Svid } from './x509-svid.js';

export type ChainRefusal =
  | RightRefusal
  | TokenRefusal
  | SvidRefusal
  | 'not_self'
  | 'not_on_provisioning_list'
  | 'proof_of_other_grant'
  | 'not_the_holder'
  | 'subject_unknown';

/** How the subject shows who it is: people by a login proof, machines and workloads by an X.509-SVID in its place, or by the certificate of their leaf key. */
export type SubjectProof =
  | { readonly loginProof: string }
  /** Of a dormant grant, which names the keys of its subject itself. */
  | { readonly activatedLeaf: Thumbprint }
  | { readonly leaf: Thumbprint; readonly subject: SubjectRef };

/** Who it is, and what says so. */
export interface Holder {
  readonly subject: SubjectRef;
  /** Who logged in at another company, where that one vouches. */
  readonly login?: PersonRef;
  readonly jkt: Thumbprint;
  readonly proof: Digest | null;
  readonly loggedInAt: Instant | null;
  readonly acr?: string;
  readonly listed?: ChainFacts['listed'];
  readonly keys: ChainFacts['keys'];
}

/** Who shows this proof under a right that was verified. */
export async function subjectOf(
  right: VerifiedRight,
  proof: SubjectProof,
  now: Instant,
): Promise<Decision<Holder, ChainRefusal>> {
  if ('loginProof' in proof) return vouchedFor(right, proof.loginProof, now);
  return 'activatedLeaf' in proof ? subjectNamed(right, proof.activatedLeaf) : machineBehind(right, proof, now);
}

/** Whom the subject's own company vouches for: a person by a login proof, a machine or workload by its X.509-SVID. */
const vouchedFor = (right: VerifiedRight, proof: string, now: Instant): Promise<Decision<Holder, ChainRefusal>> =>
  saysSvid(proof) ? workloadBehind(right, proof, now) : personBehind(right, proof, now);

async function workloadBehind(
  right: VerifiedRight,
  text: string,
  now: Instant,
): Promise<Decision<Holder, ChainRefusal>> {
  // The subject of a flow is whoever can open it: a key that signs opens nothing.
  if (right.grant.kind === 'data-collection') return refuse('subject_unknown');
  const svid = await verifyX509Svid(text, right.subjectSide, right.ring, now);
  if (!svid.allowed) return svid;
  const { subject, kid, digest, signer } = svid.value;
  const keys = [named(signer), { organisation: subject.organisation, thumbprint: kid }];
  return allow({ subject, jkt: kid, proof: digest, loggedInAt: null, keys });
}

async function personBehind(
  right: VerifiedRight,
  token: string,
  now: Instant,
): Promise<Decision<Holder, ChainRefusal>> {
  const claimed = peekLoginProof(token);
  // Another company's word is looked at where the agreement has it stand for somebody; everywhere else the own company must have given it.
  const issuer = claimed && personOfLogin(right.agreement, personIn(claimed), right) ? claimed.iss : right.subjectSide;
  const login = await verifyLoginProof(token, issuer, right.owner, right.ring, now);
  if (!login.allowed) return login;
  const { claims, digest, signature } = login.value;
  if (claims.grant !== lastOf(right).id) return refuse('proof_of_other_grant');
  if (!believable(claims.iat * 1000, now, skewMilliseconds(right.agreement)))
    return refuse('signed_in_the_future', { clause: 'clock-skew' });
  const who = personIn(claims);
  const subject = personOfLogin(right.agreement, who, right);
  if (!subject) return refuse('wrong_issuer', { clause: 'login-proof' });
  const elsewhere = who.organisation !== subject.organisation;
  // Under another name it is still the same person, who must not have said yes to the own request.
  if (elsewhere && right.approvers.some((one) => isOrReplaced(one, who)))
    return refuse('approver_is_party_to_request', { clause: 'identity-provider' });
  const keys = [named(signature.signer), { organisation: claims.iss, thumbprint: claims.jkt }];
  // Either company can take the key out of use.
  if (elsewhere) keys.push({ organisation: subject.organisation, thumbprint: claims.jkt });
  // Nobody logs in after the proof of it was made, whatever it says.
  const loggedInAt = Math.min(claims.auth_time, claims.iat) * 1000;
  const listed = claims.status?.status_list;
  const said = { jkt: claims.jkt, proof: digest, loggedInAt, acr: claims.acr, listed, keys };
  return allow({ subject, ...said, ...(elsewhere && { login: who }) });
}

/** The person of a login proof, under the name that its issuer has for him. */
const personIn = ({ iss, sub }: Pick<LoginProof, 'iss' | 'sub'>): PersonRef => ({ organisation: iss, id: sub });

const isOrReplaced = ({ organisation, id, deputyFor = [] }: CountedApprover, who: PersonRef): boolean =>
  organisation === who.organisation && (id === who.id || deputyFor.some((one) => one.id === who.id));

function subjectNamed({ grant, delegations }: VerifiedRight, leaf: Thumbprint): Decision<Holder, ChainRefusal> {
  const [subject] = grant.subjects;
  if (!subject || delegations.length > 0 || !grant.dormant?.subjectKeys.includes(leaf)) return refuse('not_the_holder');
  return allow({
    subject,
    jkt: leaf,
    proof: null,
    loggedInAt: null,
    keys: [{ organisation: subject.organisation, thumbprint: leaf }],
  });
}

function machineBehind(
  right: VerifiedRight,
  { leaf, subject }: { leaf: Thumbprint; subject: SubjectRef },
  now: Instant,
): Decision<Holder, ChainRefusal> {
  if (subject.organisation !== right.subjectSide || subject.kind === 'person') return refuse('subject_unknown');
  // The subject of a flow is whoever can open it, so possession is of the opening key.
  const purpose: Purpose = right.grant.kind === 'data-collection' ? 'open' : 'subject';
  const key = right.ring
    .find(subject.organisation, leaf, purpose)
    .find((known) => known.holder?.kind === subject.kind && known.holder.id === subject.id);
  if (!key) return refuse('subject_unknown');
  if (now < key.notBefore) return refuse('key_not_yet_valid');
  if (now >= key.notAfter) return refuse('key_expired');
  return allow({ subject, jkt: leaf, proof: null, loggedInAt: null, keys: [named(key)] });
}
