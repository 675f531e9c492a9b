import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { ServerChannel } from 'ssh2';
import { answerConsole } from './console-commands.js';
import { NOTHING_TYPED, type TypedEvent, typeKeys } from './line-editor.js';
import type { LivePress } from './live-press.js';
import { sendLines } from './send-lines.js';
import type { TelemetrySource } from './telemetry-source.js';

/** Lines typed ahead while one is being answered; more are thrown away. */
const MOST_TYPED_AHEAD = 32;

/** Runs one command and ends the channel with its exit code, as `ssh press status` expects. */
export async function runCommand(
  command: string,
  channel: ServerChannel,
  press: LivePress,
  source: TelemetrySource,
): Promise<void> {
  const gone = abortOnClose(channel);
  const answer = answerConsole(command, press);
  if (answer.kind === 'telemetry') await sendLines(channel, source.lines(gone), '\n', gone);
  if (answer.kind === 'text' && answer.text !== '') {
    (answer.exitCode === 0 ? channel : channel.stderr).write(`${answer.text}\n`);
  }
  leave(channel, answer.kind === 'text' ? answer.exitCode : 0);
}

/**
 * The interactive console: prompt, echo where a terminal was asked for, the same commands. Stays open until the person leaves or somebody
 * cuts the connection.
 */
export class ConsoleSession {
  readonly #waiting: TypedEvent[] = [];
  readonly #gone: AbortSignal;
  readonly #lineEnd: string;
  #streaming: AbortController | undefined;
  #busy = false;

  constructor(
    readonly channel: ServerChannel,
    readonly terminal: boolean,
    readonly press: LivePress,
    readonly source: TelemetrySource,
  ) {
    this.#gone = abortOnClose(channel);
    this.#lineEnd = terminal ? '\r\n' : '\n';
    channel.write(`${press.settings.machine} console, type help${this.#lineEnd}`);
    this.#prompt();
    this.#readKeys();
  }

  #prompt(): void {
    this.channel.write(`${this.press.settings.machine}> `);
  }

  #readKeys(): void {
    const decoder = new StringDecoder('utf8');
    let typed = NOTHING_TYPED;
    this.channel.on('data', (chunk: Buffer) => {
      const step = typeKeys(typed, decoder.write(chunk));
      typed = step.typed;
      if (this.terminal && step.echo !== '' && !this.channel.write(step.echo)) this.#readOnceDrained();
      for (const event of step.events) this.#take(event);
    });
    this.channel.once('end', () => this.#take({ kind: 'end' }));
  }

  /** Who types without reading must not fill our memory with his own echo. */
  #readOnceDrained(): void {
    this.channel.pause();
    this.channel.once('drain', () => this.channel.resume());
  }

  #take(event: TypedEvent): void {
    if (this.#streaming && event.kind === 'interrupt') {
      this.#streaming.abort();
      return;
    }
    // One more place than lines can take, so that leaving is never lost behind them.
    const places = MOST_TYPED_AHEAD + (event.kind === 'end' ? 1 : 0);
    if (this.#waiting.length < places) this.#waiting.push(event);
    if (!this.#busy) this.#work().catch(() => this.channel.destroy());
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next && !this.#gone.aborted; next = this.#waiting.shift()) {
      if (next.kind === 'line') await this.#answer(next.line);
      else if (next.kind === 'end') leave(this.channel, 0);
      else this.#prompt();
      if (this.channel.writableNeedDrain) await once(this.channel, 'drain', { signal: this.#gone }).catch(() => {});
    }
    this.#busy = false;
  }

  async #answer(line: string): Promise<void> {
    const answer = answerConsole(line, this.press);
    if (answer.kind === 'end') return leave(this.channel, 0);
    if (answer.kind === 'text' && answer.text !== '') {
      this.channel.write(answer.text.replaceAll('\n', this.#lineEnd) + this.#lineEnd);
    }
    if (answer.kind === 'telemetry') await this.#streamTelemetry();
    if (!this.#gone.aborted) this.#prompt();
  }

  async #streamTelemetry(): Promise<void> {
    this.#streaming = new AbortController();
    const signal = AbortSignal.any([this.#gone, this.#streaming.signal]);
    await sendLines(this.channel, this.source.lines(signal), this.#lineEnd, signal);
    this.#streaming = undefined;
  }
}

function leave(channel: ServerChannel, exitCode: number): void {
  if (!channel.writable) return;
  channel.exit(exitCode);
  channel.end();
}

function abortOnClose(channel: ServerChannel): AbortSignal {
  const gone = new AbortController();
  channel.once('close', () => gone.abort());
  channel.on('error', () => gone.abort());
  return gone.signal;
}
