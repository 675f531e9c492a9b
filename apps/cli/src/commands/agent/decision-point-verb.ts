import { readFileSync } from 'node:fs';
import { readSettings, setDecisionPoint, setPolicies } from '@interlock/company-side';
import { policyFault } from '@interlock/company-side/policies';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { webAddress } from '../read-arguments.js';

interface PointOptions extends JsonOption {
  readonly tokenFile?: string;
  readonly policies?: string;
}

/** `interlock agent decision-point`: the company's own decision point, a server or a policy set, which its agent asks about every right. */
export function decisionPointVerb(agent: Command): void {
  withJson(agent.command('decision-point'))
    .argument('<folder>', 'the folder of the company')
    .argument(
      '[address]',
      'its evaluations endpoint (AuthZEN 1.0), such as https://pdp.example/access/v1/evaluations',
      webAddress,
    )
    .option('--token-file <file>', 'a file with the token that the agent shows there')
    .option('--policies <file>', 'in place of an address: a Cedar policy set, which the agent judges by itself')
    .description('ask your own decision point about every right, where the agreement says that you have one')
    .action((dir: string, address: string | undefined, options: PointOptions) =>
      perform(options, async () => {
        const { organisation } = readSettings(dir);
        const { policies, tokenFile } = options;
        if ((address === undefined) === (policies === undefined) || (policies !== undefined && tokenFile !== undefined))
          throw new WrongUsage(
            'give the address of a decision point, with --token-file if it asks for one, or --policies',
          );
        if (policies !== undefined) {
          await usePolicies(dir, policies);
          return allow({
            json: { organisation, policies },
            lines: [
              `the agent of ${organisation} judges by its own copy of ${policies} from now on; what no policy permits is a no`,
            ],
          });
        }
        setDecisionPoint(dir, address ?? '', tokenFile && readFileSync(tokenFile, 'utf8').trim());
        return allow({
          json: { organisation, evaluations: address },
          lines: [`the agent of ${organisation} asks ${address} from now on; no answer within two seconds is a no`],
        });
      }),
    );
}

async function usePolicies(dir: string, file: string): Promise<void> {
  const text = readFileSync(file, 'utf8');
  const fault = await policyFault(text);
  if (fault !== undefined) throw new WrongUsage(`${file} is no Cedar policy set: ${fault}`);
  setPolicies(dir, text);
}
