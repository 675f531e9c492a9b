import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { tell } from '../perform.js';

/** Brings a person, or a robot, to an address. Resolves with `walked` where the whole way was already gone. */
export type ShowAddress = (address: string) => Promise<'shown' | 'walked'>;

export interface AddressOptions {
  readonly open?: boolean;
  readonly loginCommand?: string;
}

export const withAddress = (command: Command): Command =>
  command
    .option(
      '--open',
      'open the address in the browser of this computer (the program that BROWSER names, where it is set)',
    )
    .option(
      '--login-command <command>',
      'run this command with the address as its last argument, in place of a person',
    );

/** The address is always printed; the browser or the command only saves typing. */
export function showAddress({ open, loginCommand }: AddressOptions): ShowAddress {
  return async (address) => {
    tell(`log in at your own company:\n  ${address}`);
    if (loginCommand !== undefined) {
      await run(loginCommand, address);
      return 'walked';
    }
    if (open) openBrowser(address);
    return 'shown';
  };
}

/** Only what is before the address is read by a shell; the address is an argument and nothing else. */
function run(command: string, address: string): Promise<void> {
  const child = spawn('/bin/sh', ['-c', `${command} "$1"`, 'login-command', address], { stdio: ['ignore', 2, 2] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`the login command ended with ${code}; it should end with 0`)),
    );
  });
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', win32: 'explorer' };

function openBrowser(address: string): void {
  const child = spawn(process.env.BROWSER || (OPENERS[process.platform] ?? 'xdg-open'), [address], {
    stdio: 'ignore',
    detached: true,
  });
  child.once('error', () => tell('no browser could be opened here; use the address above'));
  child.unref();
}
