import { readFileSync } from 'node:fs';
import { readSettings, setDecisionPoint } from '@interlock/company-side';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, withJson } from '../perform.js';
import { webAddress } from '../read-arguments.js';

/** `interlock agent decision-point`: the company's own AuthZEN decision point, which its agent asks about every right. */
export function decisionPointVerb(agent: Command): void {
  withJson(agent.command('decision-point'))
    .argument('<dir>', 'the folder of the company')
    .argument(
      '<address>',
      'its evaluations endpoint (AuthZEN 1.0), such as https://pdp.example/access/v1/evaluations',
      webAddress,
    )
    .option('--token-file <file>', 'a file with the token that the agent shows there')
    .description('ask your own decision point about every right, where the agreement says that you have one')
    .action((dir: string, address: string, options: JsonOption & { tokenFile?: string }) =>
      perform(options, async () => {
        const { organisation } = readSettings(dir);
        setDecisionPoint(dir, address, options.tokenFile && readFileSync(options.tokenFile, 'utf8').trim());
        return allow({
          json: { organisation, evaluations: address },
          lines: [`the agent of ${organisation} asks ${address} from now on; no answer within two seconds is a no`],
        });
      }),
    );
}
