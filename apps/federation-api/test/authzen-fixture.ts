import { defineService, type RunningService, startService } from '@interlock/chassis';
import { REFUSALS } from '@interlock/contracts';
import type { OrganisationId } from '@interlock/domain';
import { testNats } from '@interlock/testkit';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { AuthzenController } from '../src/authzen/authzen.controller.js';
import { speakAuthzen } from '../src/authzen/authzen.filter.js';
import { DecisionPoint, type Found, type Given, type Search, type Semantic } from '../src/authzen/decision-point.js';

type Question = Parameters<DecisionPoint['evaluate']>[1][number];
type Named = NonNullable<Question>;

export const USERS = [
  { type: 'user', id: 'alice' },
  { type: 'user', id: 'bob' },
];
export const RECORDS = [
  { type: 'record', id: 'record-1' },
  { type: 'record', id: 'record-2' },
];
const ROLES: Record<string, string> = { bob: 'admin' };

/** Section 1.4. */
function mayFixture({ subject, action, resource }: Named): boolean {
  const isKnown = USERS.some((one) => one.type === subject.type && one.id === subject.id);
  if (!isKnown || !RECORDS.some((one) => one.type === resource.type && one.id === resource.id)) return false;
  if (action.name === 'read') return true;
  if (action.name === 'delete') return action.properties?.soft === true && subject.id === 'alice';
  const isArchived =
    (resource.properties?.status ?? (resource.id === 'record-2' ? 'archived' : 'active')) === 'archived';
  if (isArchived) return (subject.properties?.role ?? ROLES[subject.id]) === 'admin';
  return action.name === 'write' && subject.id === 'alice';
}

class Fixture extends DecisionPoint {
  override async evaluate(_asker: OrganisationId, questions: readonly Question[], semantic: Semantic) {
    const given: Given[] = [];
    for (const question of questions) {
      const decision = question !== null && mayFixture(question);
      given.push({ decision, id: null, code: question === null ? 'malformed' : null, until: null });
      if (semantic !== 'execute_all' && decision === (semantic === 'permit_on_first_permit')) break;
    }
    return given;
  }
  override async search(_asker: OrganisationId, { subject, action, resource }: Search): Promise<Found> {
    const subjects = 'id' in subject ? [subject] : USERS.filter((one) => one.type === subject.type);
    const resources = 'id' in resource ? [resource] : RECORDS.filter((one) => one.type === resource.type);
    const actions = action ? [action] : ['read', 'write'].map((name) => ({ name }));
    const all = subjects.flatMap((s) =>
      resources.flatMap((r) => actions.map((a) => ({ subject: s, resource: r, action: a }))),
    );
    const may = all.filter(mayFixture);
    const plain = ({ type, id }: { type: string; id: string }) => ({ type, id });
    return {
      subjects: may.map((one) => plain(one.subject)),
      resources: may.map((one) => plain(one.resource)),
      actions: may.map((one) => ({ name: one.action.name })),
    };
  }
}

@Module({ controllers: [AuthzenController], providers: [{ provide: DecisionPoint, useClass: Fixture }] })
class FixtureModule {}

export const PDP = 'https://pdp.example';

export interface FixtureService {
  readonly port: number;
  stop(): Promise<void>;
}

/** The HTTP edge of the decision point over the fixture of the certification scenario. Whoever sends any `authorization` is an agent. */
export async function aFixtureService(): Promise<FixtureService> {
  const nats = await testNats();
  const definition = defineService({
    name: 'federation-api',
    module: FixtureModule,
    settings: { PUBLIC_ORIGIN: z.string() },
    http: {
      refusals: REFUSALS,
      bodyLimit: 64 * 1024,
      verifyCaller: () => async (request) =>
        request.headers.authorization === undefined
          ? { allowed: false, refusal: { code: 'caller_unknown' } }
          : {
              allowed: true,
              value: { actor: 'agent', organisation: 'plant.example', thumbprint: 't', kind: 'agent' } as const,
            },
      prepare: async (app) => {
        speakAuthzen(app.getHttpAdapter().getInstance());
        return undefined;
      },
    },
  });
  const env = { NATS_URL: nats.urlFor('federation-api'), LOG_LEVEL: 'silent', PUBLIC_ORIGIN: PDP };
  const service = (await startService(definition, { env })) as unknown as RunningService;
  return {
    port: service.port,
    stop: async () => {
      await service.close();
      await nats.stop();
    },
  };
}
