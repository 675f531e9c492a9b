import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { robotBrowser } from '@interlock/company-side';

/** The page at this path of a company's running agent, as one of its people sees it, without a script. */
export async function pageOf(company: string, login: string, path: string): Promise<string> {
  const json = <T>(file: string) => JSON.parse(readFileSync(join(company, file), 'utf8')) as T;
  const { agentOrigin } = json<{ agentOrigin: string }>('company.json');
  const accounts = json<{ sub: string; password: string }[]>('identity-provider/accounts.json');
  const password = accounts.find(({ sub }) => sub === login)?.password ?? '';
  const robot = robotBrowser();
  await robot.logIn(`${agentOrigin}/sign-in`, { login, password });
  return (await robot.open(`${agentOrigin}${path}`)).html;
}
