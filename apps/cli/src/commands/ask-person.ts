import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { WrongUsage } from './perform.js';

/** Whether somebody sits at a terminal who can be asked. */
export const someoneIsThere = (): boolean => process.stdin.isTTY === true;

/** Asks one question on the terminal. `instead` says what to give where nobody can be asked. */
export async function ask(question: string, instead: string): Promise<string> {
  if (!someoneIsThere()) throw new WrongUsage(`there is no terminal to ask "${question}"; give ${instead}`);
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  try {
    return (await lines.question(`${question}: `)).trim();
  } finally {
    lines.close();
  }
}

/** The same without showing what is typed. */
export async function askHidden(question: string, instead: string): Promise<string> {
  if (!someoneIsThere()) throw new WrongUsage(`there is no terminal to ask "${question}"; give ${instead}`);
  process.stderr.write(`${question}: `);
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nothing, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Goes on only where the person types the word. */
export async function confirmed(question: string, word: string, instead: string): Promise<boolean> {
  return (await ask(`${question} Type "${word}" to go on`, instead)) === word;
}
