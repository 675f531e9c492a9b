import { busPermissions, SERVICES, type ServiceName } from './subjects.js';

/** The service whose start is the deploy step of the streams. */
export const DEPLOYS_STREAMS: ServiceName = 'trust-registry';

/**
 * The configuration of the internal bus's nats-server: JetStream on disk, one user per service with its permissions,
 * and nobody else. `passwords` are made at run time. Throws if a service has none, since a user without a password
 * would be everybody.
 */
export function internalBusConfig(passwords: Readonly<Record<ServiceName, string>>): string {
  const users = SERVICES.map((service) => {
    const password = passwords[service];
    if (!/^[A-Za-z0-9_-]{24,}$/.test(password))
      throw new Error(`the bus password of ${service} is missing or too weak`);
    const { publish, subscribe } = busPermissions(service, service === DEPLOYS_STREAMS);
    return `    { user: "${service}", password: "${password}", permissions: {
        publish: { allow: ${JSON.stringify(publish)} }
        subscribe: { allow: ${JSON.stringify(subscribe)} }
        allow_responses: true } }`;
  });
  return `# made at run time: it holds passwords
max_payload: 8MB
jetstream: {}
authorization {
  users: [
${users.join('\n')}
  ]
}
`;
}
