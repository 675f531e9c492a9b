import { Clock, SETTINGS, type VerifiedCaller } from '@interlock/chassis';
import type { RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type GrantId,
  type HolderKind,
  type KeyCertificate,
  type LocalId,
  type OrganisationId,
  refuse,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import {
  CALLER_SCHEME,
  type KeyHolder,
  type PublishedCaller,
  peekLoginProof,
  publishedCaller,
  saysSvid,
  thumbprintOf,
  trust,
  verifyCallerProof,
  verifyLoginProof,
  verifyX509Svid,
} from '@interlock/proof';
import { Inject, Injectable } from '@nestjs/common';
import { originOf, type Settings } from '../settings.js';
import { KnownKeys } from './known-keys.js';
import { RateLimit } from './rate-limit.js';
import { UsedProofs } from './used-proofs.js';

/** A request as far as a caller proof speaks of it. */
export interface ProvenRequest {
  readonly method: string;
  readonly target: string;
  readonly body: Uint8Array;
  readonly authorization: string | undefined;
  /** Certificates that the request itself publishes: the first agent of a company is in no list yet. */
  readonly published?: readonly Signed<KeyCertificate>[];
}

/** Who calls, as far as the edge knows: a certified holder, or a person whose own company says that he holds this key. */
export interface EdgeCaller extends VerifiedCaller {
  readonly thumbprint: Thumbprint;
  readonly organisation: OrganisationId;
  readonly id: LocalId;
  readonly kind: HolderKind;
  /** The one grant a person's login proof was made for; null for certified holders. */
  readonly grant: GrantId | null;
}

const ACTORS: Readonly<Partial<Record<HolderKind, EdgeCaller['actor']>>> = {
  agent: 'agent',
  gateway: 'gateway',
  machine: 'connector',
  workload: 'connector',
};

/** A certificate that came a moment ago may not have been in what is cached. Milliseconds. */
const MAYBE_JUST_PUBLISHED = 250;

/** Finds out who calls. Whatever does not fit gets one and the same answer. */
@Injectable()
export class Callers {
  private readonly limit: RateLimit;

  constructor(
    private readonly keys: KnownKeys,
    private readonly used: UsedProofs,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    const perSecond = settings.API_REQUESTS_PER_SECOND;
    this.limit = new RateLimit(perSecond, 2 * perSecond);
  }

  /** A holder whose key its organisation certified for calls: agent, gateway, machine or workload. */
  async certified(request: ProvenRequest): Promise<Decision<EdgeCaller, RefusalCode>> {
    const holder = await this.possession(request);
    return holder.allowed ? this.certifiedHolder(holder.value, request.published ?? []) : holder;
  }

  /** The same of a key whose possession was shown in another way. */
  async certifiedHolder(
    holder: KeyHolder,
    brought: readonly Signed<KeyCertificate>[],
  ): Promise<Decision<EdgeCaller, RefusalCode>> {
    const caller = await this.published(holder, brought);
    if (!caller.allowed) return caller;
    const actor = ACTORS[caller.value.kind];
    if (!actor) return refuse('caller_not_allowed');
    if (!(await this.firstUse(holder))) return refuse('caller_unknown');
    const { organisation, id, kind, kid } = caller.value;
    if (!this.limit.take(organisation, this.clock.monotonic())) return refuse('rate_limited');
    return allow({ actor, organisation, id, kind, thumbprint: kid, grant: null });
  }

  /** A person's connector: the key of the caller proof is the key its own company names in the login proof. */
  async person(request: ProvenRequest, loginProof: string): Promise<Decision<EdgeCaller, RefusalCode>> {
    const holder = await this.possession(request);
    return holder.allowed ? this.vouchedFor(holder.value, loginProof) : holder;
  }

  /** Whom the own company vouches for: a machine or workload by its X.509-SVID, everybody else by a login proof. */
  private vouchedFor(holder: KeyHolder, proof: string): Promise<Decision<EdgeCaller, RefusalCode>> {
    return saysSvid(proof) ? this.workloadBehind(holder, proof) : this.personBehind(holder, proof);
  }

  private async workloadBehind(holder: KeyHolder, text: string): Promise<Decision<EdgeCaller, RefusalCode>> {
    const keys = await this.keys.of(holder.organisation);
    if (!keys) return refuse('caller_unknown');
    const svid = await verifyX509Svid(text, holder.organisation, keys.ring, this.clock.now());
    // Whoever does not hold its key learns nothing of what is wrong with it.
    if (!svid.allowed || svid.value.kid !== holder.kid) return refuse('caller_unknown');
    const { subject, kid, signer } = svid.value;
    if ([kid, signer.kid].some((key) => keys.revoked.has(key)) || !(await this.firstUse(holder)))
      return refuse('caller_unknown');
    if (!this.limit.take(holder.organisation, this.clock.monotonic())) return refuse('rate_limited');
    return allow({ actor: 'connector', ...subject, thumbprint: kid, grant: null });
  }

  /** The same of a key whose possession was shown in another way. */
  async personBehind(holder: KeyHolder, loginProof: string): Promise<Decision<EdgeCaller, RefusalCode>> {
    const claimed = peekLoginProof(loginProof);
    if (claimed?.iss !== holder.organisation || claimed.jkt !== holder.kid) return refuse('caller_unknown');
    const keys = await this.keys.of(claimed.iss);
    if (!keys) return refuse('caller_unknown');
    const login = await verifyLoginProof(loginProof, claimed.iss, claimed.aud, keys.ring, this.clock.now());
    if (!login.allowed) return refuse(login.refusal.code, { clause: 'login-proof' });
    if (keys.revoked.has(login.value.signature.signer.kid) || !(await this.firstUse(holder)))
      return refuse('caller_unknown');
    const { iss, sub, jkt, grant } = login.value.claims;
    if (!this.limit.take(iss, this.clock.monotonic())) return refuse('rate_limited');
    return allow({ actor: 'connector', organisation: iss, id: sub, kind: 'person', thumbprint: jkt, grant });
  }

  /** Whether this holder is still certified: a channel outlives the request that opened it, not the certificate. */
  async stillCertified(caller: EdgeCaller, noOlderThan?: number): Promise<boolean> {
    const keys = await this.keys.of(caller.organisation, noOlderThan);
    const now = this.clock.now();
    const held = keys?.ring.held(caller.organisation, caller.kind, caller.id) ?? [];
    return held.some(
      (key) =>
        key.kid === caller.thumbprint &&
        key.purposes.includes('call') &&
        now < key.notAfter &&
        !keys?.revoked.has(key.kid),
    );
  }

  private async possession({
    authorization,
    method,
    target,
    body,
  }: ProvenRequest): Promise<Decision<KeyHolder, RefusalCode>> {
    const [scheme, proof, ...rest] = authorization?.split(' ') ?? [];
    if (scheme !== CALLER_SCHEME || !proof || rest.length > 0) return refuse('caller_unknown');
    return verifyCallerProof(proof, { method, target, body, audience: originOf(this.settings) }, this.clock.now());
  }

  private async published(
    holder: KeyHolder,
    brought: readonly Signed<KeyCertificate>[],
  ): Promise<Decision<PublishedCaller, RefusalCode>> {
    for (const noOlderThan of [undefined, MAYBE_JUST_PUBLISHED]) {
      const keys = await this.keys.of(holder.organisation, noOlderThan);
      if (!keys || keys.revoked.has(holder.kid)) return refuse('caller_unknown');
      const caller = publishedCaller(holder, keys.ring, this.clock.now());
      if (caller.allowed) return caller;
    }
    return this.publishing(holder, brought);
  }

  /** The certificate of the caller's own key, under its organisation's published entity document. */
  private async publishing(
    holder: KeyHolder,
    brought: readonly Signed<KeyCertificate>[],
  ): Promise<Decision<PublishedCaller, RefusalCode>> {
    const own = brought.filter(({ document }) => thumbprintOf(document.key) === holder.kid).slice(0, 2);
    const keys = own.length > 0 ? await this.keys.of(holder.organisation, MAYBE_JUST_PUBLISHED) : undefined;
    if (!keys) return refuse('caller_unknown');
    const now = this.clock.now();
    const ring = await trust(keys.entities, own, new Map([[holder.organisation, keys.root]]), now);
    return ring.allowed ? publishedCaller(holder, ring.value, now) : refuse('caller_unknown');
  }

  private firstUse({ kid, jti, expiresAt }: KeyHolder): Promise<boolean> {
    return this.used.firstUse('caller', kid, jti, expiresAt);
  }
}
