import { Refused, toProblem } from '@interlock/chassis';
import { problemType, REFUSALS } from '@interlock/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ApiOrigin } from '../http/api-origin.js';

/** The standards' own words for what is refused (RFC 6749 section 5.2, RFC 8693, RFC 9396, RFC 9449); everything else is a grant's no. */
const ERRORS: Readonly<Record<string, string>> = {
  caller_unknown: 'invalid_client',
  caller_not_allowed: 'unauthorized_client',
  dpop_wrong: 'invalid_dpop_proof',
  not_a_login_proof: 'invalid_grant',
  target_unknown: 'invalid_target',
  details_malformed: 'invalid_authorization_details',
  oauth_grant_unsupported: 'unsupported_grant_type',
  malformed: 'invalid_request',
  rate_limited: 'temporarily_unavailable',
};

/** The body of an OAuth error, with the code of the refusal beside it. A grant that is refused is 400, whatever it is elsewhere. */
@Catch()
export class OauthFilter implements ExceptionFilter {
  constructor(private readonly api: ApiOrigin) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const { status, title, code, errors } = toProblem(thrown, { refusals: REFUSALS });
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    const isOurs = status >= 500 && !Object.hasOwn(REFUSALS, code);
    const error =
      ERRORS[code] ?? (isOurs ? 'server_error' : Object.hasOwn(REFUSALS, code) ? 'invalid_grant' : 'invalid_request');
    const challenge = stepUp(thrown);
    if (challenge) void reply.header('www-authenticate', challenge);
    const kept = status === 401 || status === 429 || isOurs;
    const description = errors && errors.length > 0 ? `${title}: ${errors.join('; ')}` : title;
    void reply
      .code(kept ? status : 400)
      .header('cache-control', 'no-store')
      .send({ error, error_description: plain(description), error_uri: problemType(this.api.origin, code), code });
  }
}

const asked = z.object({ maxAge: z.number(), acr: z.array(z.string()) });

/** Where another login would do: which (RFC 9470 section 3). The agreement says so to both of its sides. */
function stepUp(thrown: unknown): string | undefined {
  if (!(thrown instanceof Refused) || !['login_over', 'login_too_weak'].includes(thrown.refusal.code)) return undefined;
  const { data } = asked.safeParse(JSON.parse(thrown.refusal.detail ?? 'null'));
  if (!data) return undefined;
  const ways = data.acr.length > 0 ? `, acr_values="${data.acr.join(' ')}"` : '';
  return `DPoP error="insufficient_user_authentication", error_description="another login is needed"${ways}, max_age="${data.maxAge}"`;
}

/** RFC 6749 section 5.2 allows printable ASCII without quotation mark and backslash. */
const plain = (text: string): string => text.replaceAll(/[^\x20-\x7e]|["\\]/g, "'");
