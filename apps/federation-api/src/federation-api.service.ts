import { defineService } from '@interlock/chassis';
import { REFUSALS } from '@interlock/contracts';
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { AuthzenController } from './authzen/authzen.controller.js';
import { speakAuthzen } from './authzen/authzen.filter.js';
import { DecisionPoint } from './authzen/decision-point.js';
import { RightsDecisionPoint } from './authzen/rights-decision-point.js';
import { Callers } from './callers/callers.js';
import { CountRefused } from './callers/count-refused.js';
import { KnownKeys } from './callers/known-keys.js';
import { UsedProofs } from './callers/used-proofs.js';
import { Channels } from './channel/channels.js';
import { Upstream } from './channel/upstream.js';
import { KeepEvidence } from './commands/keep-evidence.js';
import { KnownParties } from './commands/known-parties.js';
import { Services } from './commands/services.js';
import { ActsController } from './http/acts.controller.js';
import { AgreementsController } from './http/agreements.controller.js';
import { ApiOrigin } from './http/api-origin.js';
import { AuditController } from './http/audit.controller.js';
import { countRefused } from './http/count-refused.js';
import { DescriptionController } from './http/description.controller.js';
import { tagAnswers } from './http/entity-tags.js';
import { ErrorsController } from './http/errors.controller.js';
import { GrantsController } from './http/grants.controller.js';
import { HealthController } from './http/health.controller.js';
import { IdempotentInterceptor } from './http/idempotent.interceptor.js';
import { limitStrangers } from './http/limit-strangers.js';
import { LogsController } from './http/logs.controller.js';
import { PublishedController } from './http/published.controller.js';
import { RegionsController } from './http/regions.controller.js';
import { SessionsController } from './http/sessions.controller.js';
import { verifyCaller } from './http/verify-caller.js';
import { OauthController } from './oauth/oauth.controller.js';
import { OauthClients } from './oauth/oauth-clients.js';
import { originOf, settings } from './settings.js';
import { usedProofs } from './store/migrations/0190-used-proofs.js';

@Module({
  imports: [DiscoveryModule],
  controllers: [
    PublishedController,
    AgreementsController,
    ActsController,
    GrantsController,
    SessionsController,
    RegionsController,
    AuditController,
    LogsController,
    AuthzenController,
    OauthController,
    HealthController,
    DescriptionController,
    ErrorsController,
  ],
  providers: [
    ApiOrigin,
    { provide: APP_INTERCEPTOR, useClass: IdempotentInterceptor },
    Services,
    KnownKeys,
    UsedProofs,
    KnownParties,
    Callers,
    CountRefused,
    OauthClients,
    KeepEvidence,
    Upstream,
    Channels,
    { provide: DecisionPoint, useClass: RightsDecisionPoint },
  ],
})
class FederationApiModule {}

/** Largest body of any route, checked before anybody is authenticated. Bytes. */
const LARGEST_BODY = 1024 * 1024;
/** How often witnesses are asked for what they have not cosigned. Milliseconds. */
const WITNESSES_EVERY = 2_000;

/** How often used proofs that expired are forgotten. Milliseconds. */
const PROOFS_EVERY = 5_000;

/** How soon after a minute its refusals to strangers are written down. Milliseconds. */
const REFUSED_EVERY = 2_000;

/** What companies call: HTTP and the channel. It owns no rule; its one table says which proofs were used. */
export const federationApi = defineService({
  name: 'federation-api',
  module: FederationApiModule,
  settings,
  migrations: [usedProofs],
  workers: ({ get }) => [
    { name: 'ask-witnesses', everyMs: WITNESSES_EVERY, work: () => get(Channels).askWitnesses() },
    { name: 'forget-proofs', everyMs: PROOFS_EVERY, work: () => get(UsedProofs).sweep() },
    { name: 'record-refused', everyMs: REFUSED_EVERY, work: () => get(CountRefused).record() },
  ],
  http: {
    refusals: REFUSALS,
    origin: originOf,
    bodyLimit: LARGEST_BODY,
    verifyCaller: ({ get }) => verifyCaller(get(Callers), get(OauthClients)),
    prepare: async (app, { clock, get, settings: set }) => {
      const server = app.getHttpAdapter().getInstance();
      countRefused(server, {
        stranger: (address) => get(CountRefused).count(address),
        known: (refused) => get(CountRefused).countKnown(refused),
      });
      limitStrangers(server, clock, { perSecond: set.API_STRANGERS_PER_SECOND, origin: originOf(set) });
      speakAuthzen(server);
      tagAnswers(server);
      return undefined;
    },
  },
});
