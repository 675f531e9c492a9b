import type { AgreementId, LocalId } from '@interlock/domain';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { agreementId, gather, type HostPort, hostPort, localId } from '../read-arguments.js';
import { pullCredentials, pushCredentials } from './credentials.js';

interface Flags extends JsonOption {
  readonly company: string;
  readonly collector?: LocalId;
  readonly machine?: readonly LocalId[];
  readonly gateway?: LocalId;
  readonly door?: HostPort;
  readonly agreement?: AgreementId;
  readonly region?: LocalId;
  readonly endpoint?: HostPort;
}

/** `interlock data credentials`: for curl at a gateway's door, or for a bare NATS client at a region. */
export function credentialsVerb(data: Command): void {
  withJson(data.command('credentials'))
    .description('what curl needs to push at a gateway, or a bare NATS client to pull from a region')
    .requiredOption('--company <folder>', 'the folder of your company; pushing needs its offline keys')
    .option('--collector <id>', 'to push: the collector, made where it is not there yet', localId)
    .option('--machine <id>', 'to push: a machine whose data it may carry; may be given again', gather(localId))
    .option('--gateway <id>', 'to push: the gateway at whose door', localId)
    .option('--door <host:port>', 'to push: where that door is (GATEWAY_INGEST)', hostPort)
    .option('--agreement <id>', 'to pull: under which agreement', agreementId)
    .option('--region <id>', 'to pull: from which region', localId)
    .option('--endpoint <host:port>', "to pull: the region's endpoint", hostPort)
    .action((flags: Flags) =>
      perform(flags, async () => {
        const { company, collector, machine: machines = [], gateway, door, agreement, region, endpoint } = flags;
        if (collector && gateway && door)
          return allow(await pushCredentials({ company, collector, machines, gateway, door }));
        if (agreement && region && endpoint) return pullCredentials({ company, agreement, region, endpoint });
        throw new WrongUsage(
          'give --collector, --gateway and --door to push, or --agreement, --region and --endpoint to pull',
        );
      }),
    );
}
