import { readFileSync } from 'node:fs';
import { robotBrowser } from '@interlock/company-side';

// A person in front of a browser: logs in at the provider, reads the page of the agent, and says "go on".
const [login = '', passwordFile = '', address = ''] = process.argv.slice(2);
const robot = robotBrowser();
const consent = await robot.logIn(address, { login, password: readFileSync(passwordFile, 'utf8') });
const done = await robot.submit(consent, {}, '/login/confirm');
if (done.status !== 200) {
  process.stderr.write(`${done.url.pathname} answered ${done.status}\n${done.html.replace(/<[^>]*>/g, ' ')}\n`);
  process.exitCode = 1;
}
