import { nkeys } from '@nats-io/transport-node';

/** The key of a new user of a region's bus, in the form that NATS clients read. */
export const newBusUser = () => nkeys.createUser();
